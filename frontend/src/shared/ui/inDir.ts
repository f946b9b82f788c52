/** The direction of what is written in an input of Mantine, whose `dir` is that of its box: there it moves the icons, and auto knows nothing of the text. */
export const inDir = (dir: string | undefined) => ({ attributes: { input: { dir } } });
