// The "Operations" pane: a list of ready operations; a click opens one in a tab.
import { useGraphiQL, useGraphiQLActions, type GraphiQLPlugin } from '@graphiql/react';
import type { ReactElement } from 'react';

import { welcome, type Operation } from './operations.ts';

/** The title of the pane, by which GraphiQL also remembers that it is open. */
export const OPERATIONS = 'Operations';

interface Props {
  readonly operations: readonly Operation[];
  readonly fault: string | null;
}

/** The plugin. `fault` says why there are no operations, or is null. */
export function operationsPlugin(props: Props): GraphiQLPlugin {
  return { title: OPERATIONS, icon: Icon, content: () => <Pane {...props} /> };
}

function Icon(): ReactElement {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      <path d="M9 6h12M9 12h12M9 18h12" />
      <path d="m3 4 3 2-3 2zM3 10l3 2-3 2zM3 16l3 2-3 2z" fill="currentColor" stroke="none" />
    </svg>
  );
}

function Pane({ operations, fault }: Props): ReactElement {
  const open = useOpen();
  const activeQuery = useGraphiQL((state) => state.tabs[state.activeTabIndex]?.query);
  return (
    <section aria-label={OPERATIONS} className="operations">
      <h2 className="operations-title">{OPERATIONS}</h2>
      <p className="operations-hint">Ready to run. A click opens one in a tab.</p>
      {fault !== null && <p role="alert">The operations could not be loaded: {fault}.</p>}
      <ul>
        {operations.map((operation) => (
          <li key={operation.name}>
            <button type="button" aria-current={isShown(operation, activeQuery)} onClick={() => open(operation)}>
              <span className="operation-title">{operation.title}</span>
              {operation.kind !== 'query' && <span className="operation-kind">{operation.kind}</span>}
              {operation.description && <span className="operation-description">{operation.description}</span>}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Opens an operation: in the tab that already shows it, in the active tab when that is empty, or in a new one. */
function useOpen(): (operation: Operation) => void {
  const { addTab, changeTab, updateActiveTabValues } = useGraphiQLActions();
  const { tabs, activeTabIndex, queryEditor, variableEditor } = useGraphiQL((state) => ({
    tabs: state.tabs,
    activeTabIndex: state.activeTabIndex,
    queryEditor: state.queryEditor,
    variableEditor: state.variableEditor,
  }));
  return (operation) => {
    const shownIn = tabs.findIndex((tab) => isShown(operation, tab.query));
    if (shownIn === activeTabIndex) return;
    if (shownIn >= 0) {
      changeTab(shownIn);
      return;
    }
    if (tabs[activeTabIndex]?.query) addTab();
    const { query, variables } = operation;
    queryEditor?.setValue(query);
    variableEditor?.setValue(variables);
    // The editors report their text only after a pause; a tab switched within it would lose the text.
    updateActiveTabValues({ query, variables });
  };
}

function isShown(operation: Operation, query: string | null | undefined): boolean {
  return query === operation.query || query === welcome(operation);
}
