/** File lists of all protocols and option sets, with their order and structure, and the lists of ids. */
import { ExitCode } from "@tsrsync/protocol";
import {
  createEntry,
  createListOptions,
  FileListSet,
  hasGroupList,
  hasUserList,
  ListEnd,
  type ListOptions,
  ListReader,
  ListWriter,
  readIdList,
  readTrailingIoError,
} from "@tsrsync/protocol/file-list";
import {
  createNdxState,
  createWriter,
  finish,
  NDX_FLIST_EOF,
  NDX_FLIST_OFFSET,
  readNdx,
} from "@tsrsync/protocol/wire";
import { type FuzzInput, fuzzDecoder } from "./fuzz-decoder.js";
import { type ListVector, listVectors } from "./vectors.js";

const CODES = [
  ExitCode.Protocol,
  ExitCode.Unsupported,
  ExitCode.FileIo,
  ExitCode.Stream,
  ExitCode.OutOfMemory,
];

function readList(input: FuzzInput, reader: ListReader): ListEnd {
  for (;;) {
    const item = input.read((cursor) => reader.readEntry(cursor));
    if (item instanceof ListEnd) return item;
  }
}

/** All lists of a session and what comes with them, added to a set as a receiver does. */
function decodeLists(input: FuzzInput, options: ListOptions): unknown {
  const reader = new ListReader(options);
  const set = new FileListSet(options, { receiving: true });
  const first = readList(input, reader);
  const results: unknown[] = [first.ioError, set.add(first.entries).entries];
  if (options.inc) {
    const state = createNdxState();
    for (;;) {
      const ndx = input.read((cursor) => readNdx(cursor, state, options.protocol));
      if (ndx === NDX_FLIST_EOF) return results;
      const directory = NDX_FLIST_OFFSET - ndx;
      set.directoryAt(directory);
      results.push(set.add(readList(input, reader).entries, directory).entries);
    }
  }
  if (hasUserList(options)) results.push(input.read((cursor) => readIdList(cursor, options)));
  if (hasGroupList(options)) results.push(input.read((cursor) => readIdList(cursor, options)));
  if (options.protocol < 30) results.push(input.read(readTrailingIoError));
  for (const index of [0, 1, 5]) results.push(set.entryAt(index).name);
  return results;
}

function optionsOf(vector: ListVector): ListOptions {
  const has = (letter: string) => vector.letters.includes(letter);
  return createListOptions(vector.protocol, vector.compatFlags, {
    preserveUid: has("o"),
    preserveGid: has("g"),
    preserveLinks: has("l"),
    devices: has("D"),
    specials: has("D"),
    hardLinks: has("H"),
    checksumLength: has("c") ? 16 : 0,
    atimes: has("U"),
    acls: has("A"),
    xattrs: has("X"),
    relative: has("R"),
    recursive: has("r"),
    deleteMissingArgs: vector.deleteMissingArgs,
  });
}

/** Captures of the same options are seeds of each other. */
const byOptions = new Map<string, { options: ListOptions; seeds: Uint8Array[] }>();
for (const vector of listVectors()) {
  const options = optionsOf(vector);
  const key = `protocol ${vector.protocol}, flags ${vector.compatFlags.toString(16)}, ${vector.letters}`;
  const group = byOptions.get(key) ?? { options, seeds: [] };
  group.seeds.push(vector.bytes.subarray(0, 4000));
  byOptions.set(key, group);
}

for (const [name, { options, seeds }] of byOptions) {
  fuzzDecoder({
    name: `file list, ${name}`,
    seeds,
    exitCodes: CODES,
    decode: (input) => decodeLists(input, options),
  });
}

/** A small list of ours, under options that no capture has. */
function listOf(options: ListOptions): Uint8Array {
  const writer = createWriter();
  const lists = new ListWriter(options, { user: (id) => `u${id}`, group: (id) => `g${id}` });
  lists.writeEntry(writer, createEntry(".", 0o040755, 4096, 1_600_000_000, 5, 1000, 0, 3));
  lists.writeEntry(writer, createEntry("file", 0o100644, 2 ** 33, 1_600_000_000, 0, 1000, 7));
  lists.writeEntry(writer, createEntry("file2", 0o100600, 0, -1, 999_999_999, 0, 7));
  lists.writeEntry(writer, createEntry("directory", 0o040700, 0, 2 ** 31, 0, 0, 0, 1));
  lists.writeEnd(writer, 0);
  lists.writeIdLists(writer);
  return finish(writer);
}

const EVERYTHING = {
  preserveUid: true,
  preserveGid: true,
  preserveLinks: true,
  devices: true,
  specials: true,
  hardLinks: true,
  relative: true,
  recursive: true,
  deleteMissingArgs: true,
  checksumLength: 16,
};

for (const protocol of [28, 29, 30, 31, 32]) {
  for (const compatFlags of protocol < 30 ? [0] : [0x0be, 0x1bf]) {
    const extras = protocol < 30 ? {} : { acls: true, xattrs: true, atimes: true };
    const varint = (compatFlags & 0x80) !== 0 && protocol >= 30;
    const options = createListOptions(
      protocol,
      protocol === 30 ? compatFlags & ~0x80 : compatFlags,
      {
        ...EVERYTHING,
        ...extras,
        crtimes: varint && protocol > 30,
      },
    );
    const plain = createListOptions(protocol, compatFlags, {
      recursive: true,
      preserveLinks: true,
    });
    fuzzDecoder({
      name: `file list with everything, protocol ${protocol}, flags ${compatFlags.toString(16)}`,
      seeds: [listOf({ ...options, acls: false, xattrs: false, checksumLength: 0 }), listOf(plain)],
      exitCodes: CODES,
      decode: (input) => decodeLists(input, options),
    });
  }
}
