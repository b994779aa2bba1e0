// The ready operations: how they are fetched, and what one of them is.
import { getOperationAST, parse } from 'graphql';

/** One ready operation. `variables` is the text of a JSON object, or empty. */
export interface Operation {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly query: string;
  readonly variables: string;
  readonly kind: 'query' | 'mutation' | 'subscription';
}

// Lines of at most 37 characters: as wide as the editor is beside an open pane.
const WELCOME = `# Welcome to the roadmap graph.
#
# Ctrl-Enter runs the operation below.
# More of them are under Operations.
# Docs explains every type and field.
#
# A token, where the server wants one,
# goes under Headers, at the bottom:
# {"Authorization": "Bearer <token>"}

`;

/** What a first visit shows: the operation, with a few words of welcome above it. */
export function welcome(operation: Operation | undefined): string {
  return WELCOME + (operation?.query ?? '{\n  __typename\n}\n');
}

/** The operations that the server has ready. Rejects when it does not answer with a list of them. */
export async function fetchOperations(url: URL): Promise<readonly Operation[]> {
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  if (!response.ok) throw new Error(`the server answered ${response.status}`);
  const body: unknown = await response.json();
  if (!Array.isArray(body)) throw new Error('the server did not answer with a list');
  return body.map(toOperation);
}

function toOperation(value: unknown): Operation {
  const fields: Record<string, unknown> = typeof value === 'object' && value !== null ? { ...value } : {};
  const text = (key: string): string => (typeof fields[key] === 'string' ? fields[key] : '');
  return {
    name: text('name'),
    title: text('title') || text('name'),
    description: text('description'),
    query: text('query'),
    variables: variablesText(fields.variables),
    kind: kindOf(text('query')),
  };
}

function variablesText(value: unknown): string {
  if (typeof value === 'string') return value;
  const isEmpty = typeof value !== 'object' || value === null || Object.keys(value).length === 0;
  return isEmpty ? '' : JSON.stringify(value, null, 2);
}

function kindOf(query: string): Operation['kind'] {
  try {
    return getOperationAST(parse(query))?.operation ?? 'query';
  } catch {
    // The editor marks the fault better than a list could.
    return 'query';
  }
}
