// A Vite plugin that writes the licence of every npm package whose code is in the bundle.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Plugin } from 'vite';

/** Licences that allow redistribution inside an MIT package. Anything else stops the build. */
const COMPATIBLE = new Set(['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT']);

/** Packages that were published without their licence file, and a package of the same authors that has it. */
const SAME_AUTHORS: Record<string, string> = {
  '@graphiql/plugin-doc-explorer': '@graphiql/react',
  '@graphiql/plugin-explorer': '@graphiql/react',
  '@graphiql/plugin-history': '@graphiql/react',
  'react-compiler-runtime': 'react',
  'react-remove-scroll-bar': 'react-remove-scroll',
};

const LICENCE_FILE = /^(licen[cs]e|copying|notice|third-?party-?notices)([.-].*)?$/i;
const INSTALLED = '/node_modules/';

interface Package {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly folder: string;
}

export class LicenceReport {
  private readonly folders = new Set<string>();

  constructor(private readonly target: string) {}

  /** Remembers the packages of one build. */
  collect(): Plugin {
    const { folders } = this;
    return {
      name: 'licences-collect',
      generateBundle(_options, bundle) {
        for (const output of Object.values(bundle)) {
          if (output.type !== 'chunk') continue;
          for (const [id, module] of Object.entries(output.modules)) {
            if (module.renderedLength > 0) addFolder(folders, id);
          }
        }
        // Stylesheets leave no code in a chunk, but their text is shipped.
        for (const id of this.getModuleIds()) {
          if (/\.css($|\?)/.test(id)) addFolder(folders, id);
        }
      },
    };
  }

  /** Does what `collect` does and then writes the report; workers are always built before the page is. */
  report(): Plugin {
    return {
      ...this.collect(),
      name: 'licences-report',
      apply: 'build',
      writeBundle: () => writeFileSync(this.target, render([...this.folders].map(read))),
    };
  }
}

function addFolder(folders: Set<string>, id: string): void {
  // Ids may carry a query, a NUL prefix or a worker's own prefix; modules without a package are ours.
  const path = id.replace(/^\0/, '').replace(/\?.*$/, '');
  const start = path.lastIndexOf(INSTALLED);
  if (start < 0) return;
  const parts = path.slice(start + INSTALLED.length).split('/');
  const name = parts.slice(0, parts[0]?.startsWith('@') ? 2 : 1).join('/');
  folders.add(path.slice(0, start + INSTALLED.length) + name);
}

function read(folder: string): Package {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  if (!COMPATIBLE.has(license)) throw new Error(`${name}: its licence ${license} is not known to be compatible`);
  return { name, version, license, folder };
}

function licenceText({ name, folder }: Package): string {
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file)).sort();
  if (files.length > 0) return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
  const sibling = SAME_AUTHORS[name];
  if (sibling === undefined) throw new Error(`${name}: no licence file; name a package of the same authors`);
  return licenceText({ name: sibling, version: '', license: '', folder: findSibling(folder, sibling) });
}

function findSibling(folder: string, name: string): string {
  for (let parent = dirname(folder); parent !== dirname(parent); parent = dirname(parent)) {
    const candidate = join(parent, 'node_modules', name);
    if (existsSync(candidate)) return candidate;
  }
  throw new Error(`${name} is not installed`);
}

function render(packages: Package[]): string {
  const rule = '-'.repeat(80);
  const unique = new Map(packages.map((one) => [`${one.name} ${one.version}`, one]));
  const sections = [...unique.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([title, one]) => `${rule}\n${title} (${one.license})\n${rule}\n\n${licenceText(one)}\n`);
  const head = 'The browser app in this folder contains code of the following packages.\n';
  return `${[head, ...sections].join('\n').replace(/\r\n?/g, '\n').replace(/[ \t]+$/gm, '')}`;
}
