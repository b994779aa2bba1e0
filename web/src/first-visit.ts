// What a visitor without tabs of an earlier visit gets to see.
import { StorageAPI } from '@graphiql/toolkit';

import { welcome, type Operation } from './operations.ts';
import { OPERATIONS } from './operations-plugin.tsx';
import { storage } from './storage.ts';

/**
 * Prepares the first operation in a tab and the list of all beside it.
 *
 * This goes through GraphiQL's own storage, under the names GraphiQL reads: its `initialVariables` would be
 * lost by a reload that comes before the first edit, and its `visiblePlugin` would reopen a closed pane.
 */
export function prepareFirstVisit(first: Operation | undefined): void {
  const kept = new StorageAPI(storage);
  if (kept.get('tabState') !== null) return;
  kept.set('query', welcome(first));
  kept.set('variables', first?.variables ?? '');
  kept.set('visiblePlugin', OPERATIONS);
}
