// Where the API is, and how the page talks to it.
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';

/** The API's address: the page's `graphql-endpoint`, resolved against the page. */
export function endpoint(): URL {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="graphql-endpoint"]');
  return new URL(meta?.content || '../graphql', document.baseURI);
}

/** Queries and mutations over HTTP, subscriptions over a WebSocket at the same address. */
export function createFetcher(url: URL): Fetcher {
  const socket = new URL(url);
  socket.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return createGraphiQLFetcher({
    url: url.href,
    subscriptionUrl: socket.href,
    // The API answers in one piece; without this the fetcher would not ask for the standard media type.
    enableIncrementalDelivery: false,
  });
}
