// The page: GraphiQL with our operations, and nothing that leaves this origin.
import { explorerPlugin } from '@graphiql/plugin-explorer';
import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import type { Fetcher } from '@graphiql/toolkit';
import { GraphiQL, HISTORY_PLUGIN } from 'graphiql';
import { useEffect, useMemo, type ReactElement } from 'react';

import type { Operation } from './operations.ts';
import { operationsPlugin } from './operations-plugin.tsx';
import { storage } from './storage.ts';

interface Props {
  readonly fetcher: Fetcher;
  readonly operations: readonly Operation[];
  readonly fault: string | null;
}

export function App({ fetcher, operations, fault }: Props): ReactElement {
  const plugins = useMemo(
    () => [operationsPlugin({ operations, fault }), HISTORY_PLUGIN, explorerPlugin()],
    [operations, fault],
  );
  return (
    <GraphiQL
      fetcher={fetcher}
      plugins={plugins}
      storage={storage}
      // Open from the start, or the variables of an operation that is opened later would stay out of sight.
      defaultEditorToolsVisibility="variables"
      isHeadersEditorEnabled
      // A bearer token must not outlive the page.
      shouldPersistHeaders={false}
    >
      <GraphiQL.Logo>
        <h1 className="brand">Roadmap Graph</h1>
      </GraphiQL.Logo>
      <FollowSystemTheme />
    </GraphiQL>
  );
}

/** The editor's colours are set by script, so they would miss a change of the system's theme while open. */
function FollowSystemTheme(): null {
  const theme = useGraphiQL((state) => state.theme);
  const { setTheme } = useGraphiQLActions();
  useEffect(() => {
    const system = matchMedia('(prefers-color-scheme: dark)');
    const follow = (): void => setTheme(theme);
    system.addEventListener('change', follow);
    return () => system.removeEventListener('change', follow);
  }, [theme, setTheme]);
  return null;
}
