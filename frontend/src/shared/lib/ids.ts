/** A random id; crypto.randomUUID only exists on https and localhost, and gateways also run on plain addresses. */
export function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
