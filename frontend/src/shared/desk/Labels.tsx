import { useKnownLabels } from '~/shared/realtime/conversations';
import css from './Labels.module.css';
import { useLabels } from './queries';

export const colours = ['gray', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink'] as const;

/** The colour of each label that has one. */
function useColours(): (name: string) => string | undefined {
  const { data = [] } = useLabels();
  return (name) => data.find((label) => label.name === name)?.colour;
}

/** The labels to choose from: those with a colour, then those that conversations carry. */
export function useLabelNames(): string[] {
  const { data = [] } = useLabels();
  return [...new Set([...data.map(({ name }) => name), ...useKnownLabels()])];
}

/** A label with its colour before it. */
export function LabelName({ name }: { name: string }) {
  const colour = useColours()(name);
  return (
    <span className={css.name}>
      <span className={css.dot} data-colour={colour} aria-hidden />
      <bdi>{name}</bdi>
    </span>
  );
}

/** The labels of a conversation, as pills. */
export function LabelPills({ names }: { names: readonly string[] }) {
  const colourOf = useColours();
  return names.map((name) => (
    <span key={name} className={css.pill} data-colour={colourOf(name)} data-testid="label">
      <bdi>{name}</bdi>
    </span>
  ));
}

/** How many colours a row has place for. */
const most = 3;

/** The colours of a conversation's labels, where there is no place for their names. */
export function LabelDots({ names }: { names: readonly string[] }) {
  const colourOf = useColours();
  const coloured = names.filter(colourOf);
  if (coloured.length === 0) return null;
  return (
    <span className={css.dots} role="img" aria-label={coloured.join(', ')} title={coloured.join(', ')} data-testid="label-dots">
      {coloured.slice(0, most).map((name) => (
        <span key={name} className={css.dot} data-colour={colourOf(name)} />
      ))}
    </span>
  );
}
