/** Where the page that takes a link stands; the token behind the # stays in the browser. */
export const linkAt = (server: string, token: string): string => `${server}/choose-password#${token}`
