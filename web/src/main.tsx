// The entry of the page: fetch the operations, then show GraphiQL with or without them.
import './workers.ts';
import './style.css';

import { createRoot } from 'react-dom/client';

import { App } from './app.tsx';
import { createFetcher, endpoint } from './endpoint.ts';
import { prepareFirstVisit } from './first-visit.ts';
import { fetchOperations } from './operations.ts';

async function start(root: HTMLElement): Promise<void> {
  const { operations, fault } = await fetchOperations(new URL('./operations.json', document.baseURI)).then(
    (found) => ({ operations: found, fault: null }),
    (error: unknown) => ({ operations: [], fault: error instanceof Error ? error.message : String(error) }),
  );
  prepareFirstVisit(operations[0]);
  createRoot(root).render(<App fetcher={createFetcher(endpoint())} operations={operations} fault={fault} />);
}

const root = document.getElementById('root');
if (root !== null) void start(root);
