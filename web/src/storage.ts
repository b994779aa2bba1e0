// What GraphiQL keeps in the browser between visits, without the headers of requests.
import type { Storage } from '@graphiql/toolkit';

const NAMESPACE = 'graphiql:';
/** GraphiQL's history: it writes down headers even where it was told not to keep them. */
const HISTORIES = new Set([`${NAMESPACE}queries`, `${NAMESPACE}favorites`]);

/** The browser's local storage; a bearer token in a header never gets there. */
export const storage: Storage = {
  get length() {
    return ourKeys().length;
  },
  getItem: (key) => localStorage.getItem(key),
  setItem: (key, value) => localStorage.setItem(key, HISTORIES.has(key) ? withoutHeaders(value) : value),
  removeItem: (key) => localStorage.removeItem(key),
  // Other pages of this origin may keep things of their own.
  clear: () => ourKeys().forEach((key) => localStorage.removeItem(key)),
};

function ourKeys(): string[] {
  return Object.keys(localStorage).filter((key) => key.startsWith(NAMESPACE));
}

function withoutHeaders(json: string): string {
  return JSON.stringify(JSON.parse(json, (key, value: unknown) => (key === 'headers' ? undefined : value)));
}
