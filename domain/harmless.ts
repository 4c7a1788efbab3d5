/** Control characters but for tab and line feed, and marks that turn the direction of writing around. */
export const DANGEROUS = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * The text with everything that could steer a terminal made visible: an escape becomes `␛`. Line ends of every kind
 * become line feeds.
 */
export function harmless(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(DANGEROUS, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? '␡' : `<U+${code.toString(16).toUpperCase().padStart(4, '0')}>`;
  });
}

/** All of a text on one line. */
export const harmlessLine = (text: string): string => harmless(text.trim().replace(/\s+/g, ' '));
