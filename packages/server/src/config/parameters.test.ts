import { expect, test } from "vitest";
import documented from "../../../../docs/protocol/rsyncd-params.json" with { type: "json" };
import { createModule, moduleDefaults } from "./module-defaults.js";
import { fieldName, findParameter, matchKey, PARAMETERS, SYSLOG_FACILITIES } from "./parameters.js";

test("the table is that of the document, but for the accidental 'name'", () => {
  const rows = documented
    .filter(({ name }) => name !== "name")
    .map((row) => ({
      name: row.name,
      scope: row.scope,
      type: row.type,
      default: row.default === "unset" ? null : row.default,
    }));
  expect(PARAMETERS).toEqual(rows);
});

test("keys are those of the document", () => {
  for (const { name, match_key } of documented) expect(matchKey(name)).toBe(match_key);
  expect(documented.find(({ type }) => type === "enum")?.allowed).toEqual(SYSLOG_FACILITIES);
});

test("names compare without white space and case, but hyphens and underscores count", () => {
  expect(findParameter("h osts ALLOW")?.name).toBe("hosts allow");
  expect(findParameter("pre-xfer exec")).toBeDefined();
  expect(findParameter("prexfer exec")).toBeUndefined();
  expect(findParameter("hosts_allow")).toBeUndefined();
  expect(findParameter("constructor")).toBeUndefined();
});

test("fields are named in camel case", () => {
  expect(fieldName("post-xfer exec")).toBe("postXferExec");
  expect(fieldName("uid")).toBe("uid");
});

test("defaults have the documented values, and empty strings for none", () => {
  expect(moduleDefaults()).toMatchObject({
    readOnly: true,
    useChroot: null,
    path: "",
    hostsAllow: "",
    lockFile: "/var/run/rsyncd.lock",
    maxVerbosity: 1,
    syslogFacility: "daemon",
  });
});

test("a module of an application is a partial one over the defaults", () => {
  expect(createModule({ name: "m", path: "/srv", readOnly: false })).toEqual({
    ...moduleDefaults(),
    name: "m",
    path: "/srv",
    readOnly: false,
  });
});
