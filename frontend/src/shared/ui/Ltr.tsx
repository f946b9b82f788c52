/** A phone, code, address or amount, which reads left to right in every language. */
export const Ltr = ({ children }: { children: string }) => <bdi dir="ltr">{children}</bdi>;
