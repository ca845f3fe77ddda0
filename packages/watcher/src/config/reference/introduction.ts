/**
 * What the reference of watch.yaml begins with.
 * @module
 */

/** Form, inheritance, secrets, environment, checks. */
export const REFERENCE_INTRODUCTION: string = `# watch.yaml

<!-- Made by scripts/watch-reference.mjs from packages/watcher/src/config/keys: do not edit. -->

The configuration of \`tsrsync-watch\`. A small one:

\`\`\`yaml
version: 1
roots:
  - path: /srv/www
    targets:
      - rsync://deploy@web1/www
      - { name: web2, url: "rsync://deploy@web2:8730/www", auth: { password: !file /etc/tsrsync/web2.pass } }
\`\`\`

* **Form**: YAML 1.2 (JSON is YAML, too). Only \`true\` and \`false\` are truth values; \`yes\`, \`no\`, \`on\` are text.
  A key that is not known is an error, with its line and column and the key that was probably meant; all errors of a file are
  told at once. \`tsrsync-watch check FILE\` tells them without starting anything. Editors get help from
  \`packages/watcher/watch.schema.json\` (\`# yaml-language-server: $schema=...\` on the first line).
* **Sizes** take \`k\`, \`M\`, \`G\`, \`T\` (steps of 1024), **times** \`ms\`, \`s\`, \`m\`, \`h\`, \`d\`. A time needs its unit.
* **Inheritance**: \`defaults\` -> root -> group member -> target, key by key within sections. Lists replace lists. Of keys that
  exclude each other (\`fullSync.every\` and \`fullSync.cron\`) the nearest one that is set counts.
  What the \`filter\` of a root hides no target gets; a target's own \`filter\` hides more.
* **Environment**: \`\${NAME}\` and \`\${NAME:-otherwise}\` are filled in, in any value; \`$\${\` stands for \`\${\`. Every key can be set
  from outside as well: \`TSRSYNC_DAEMON_STATE_DIR=/state\`, \`TSRSYNC_DEFAULTS_BATCH_MAX_GAP=100ms\`,
  \`TSRSYNC_ROOTS_0_TARGETS_0_URL=...\`, also without any file.
* **Secrets**: \`!file path\` (relative to the configuration) is read at each login, so that it may change; a file that others can
  read is refused, as by rsync. \`passwordEnv\`, \`passwordCommand\` and \`\${NAME}\` do without files. Nothing of it is ever logged.
* **Checks between keys**: names are unique; no two roots go to the same place, or one into the other where it would be deleted
  (\`filter.protect\` allows it); no root holds the state directory, the log or a target on this machine.
* **sersync's confxml.xml** is read in its place, told apart by its first character: see [coming from sersync](coming-from-sersync.md).
* **Reload**: SIGHUP, or \`tsrsync-watch reload\`. What did not change goes on undisturbed; a configuration that is wrong changes nothing.

Not in this version, and refused by name: relays (\`fanout\`), the bus (\`bus\`), the fanotify backend, \`rsyncs://\`, the dashboard.`;
