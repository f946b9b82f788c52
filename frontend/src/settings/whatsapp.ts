/** What WhatsApp asks for: the credentials in the order in which Meta's pages show them. */
export const whatsappFields = [
  { key: 'phone_number_id', secret: false, digits: true },
  { key: 'business_account_id', secret: false, digits: true },
  { key: 'access_token', secret: true, digits: false },
  { key: 'app_secret', secret: true, digits: false },
] as const;

export type WhatsAppKey = (typeof whatsappFields)[number]['key'];

/** Fields that are wrong before anything is sent; `all` wants every field, otherwise empty ones stay as they are. */
export function checkWhatsApp(values: Record<WhatsAppKey, string>, all: boolean): Partial<Record<WhatsAppKey, 'missing' | 'digits'>> {
  const wrong: Partial<Record<WhatsAppKey, 'missing' | 'digits'>> = {};
  for (const { key, digits } of whatsappFields) {
    const value = values[key].trim();
    if (!value && all) wrong[key] = 'missing';
    else if (value && digits && !/^\d+$/.test(value)) wrong[key] = 'digits';
  }
  return wrong;
}
