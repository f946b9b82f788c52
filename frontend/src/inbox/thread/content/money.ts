/** Amounts of orders: decimal text as the provider gave it, added without rounding. */
import i18next from 'i18next';

interface Decimal {
  units: bigint;
  scale: number;
}

function parse(text: string): Decimal | null {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim());
  if (!match) return null;
  const [, sign = '', whole = '0', part = ''] = match;
  return { units: BigInt(sign + whole + part), scale: part.length };
}

const text = ({ units, scale }: Decimal): string => {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const sign = units < 0n ? '-' : '';
  return scale ? `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}` : sign + digits;
};

/** The exact product of a price and a count; null when the price is no decimal number. */
export function times(price: string, quantity: number): string | null {
  const value = parse(price);
  return value && text({ units: value.units * BigInt(quantity), scale: value.scale });
}

/** The exact sum; null when one of them is no decimal number. */
export function sum(amounts: (string | null)[]): string | null {
  let total: Decimal = { units: 0n, scale: 0 };
  for (const amount of amounts) {
    const value = amount === null ? null : parse(amount);
    if (!value) return null;
    const scale = Math.max(total.scale, value.scale);
    const at = (d: Decimal) => d.units * 10n ** BigInt(scale - d.scale);
    total = { units: at(total) + at(value), scale };
  }
  return text(total);
}

/** ₪1,249.90: the symbol that people know and the digits of the language; the code when the currency is no known one. */
export function formatMoney(amount: string, currency: string): string {
  const locale = { en: 'en-GB', he: 'he-IL', ar: 'ar-AE-u-nu-latn' }[i18next.language] ?? 'en-GB';
  try {
    const options = { style: 'currency', currency, currencyDisplay: 'narrowSymbol' } as const;
    const value = amount as unknown as number; // decimal text is formatted exactly
    // Arabic writes US$ even where asked for the narrow sign.
    const symbol = new Intl.NumberFormat('en', options).formatToParts(0).find((p) => p.type === 'currency')?.value ?? currency;
    const parts = new Intl.NumberFormat(locale, options).formatToParts(value);
    return parts.map((p) => (p.type === 'currency' ? symbol : p.value)).join('').replace(/[\u200e\u200f\u061c]/g, '');
  } catch {
    return `${amount} ${currency}`;
  }
}
