/**
 * What is pasted, without the control characters that a page may have hidden in it: an escape would end a bracketed paste, and
 * what follows would run as if it were typed.
 */
export const cleanPaste = (text: string): string => text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/g, '')
