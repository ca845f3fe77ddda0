/**
 * The text of `--help`.
 * @module
 */

/** Help for people: the commands, ours and sersync's options, the exit codes. */
export const HELP: string = `tsrsync-watch: mirrors directories to rsync daemons, as they change

usage: tsrsync-watch [OPTIONS]                 mirror, as sersync does
       tsrsync-watch COMMAND [OPTIONS] [...]

Without -o it reads confxml.xml (sersync's) or watch.yaml in the working directory, or /etc/tsrsync/watch.yaml.

Options to mirror with (letters may be joined: -rd, -n 5, -n5):
  -o, --config FILE        the configuration: watch.yaml or confxml.xml
  -r, --full-sync          compare everything with all targets at the start
  -d, --daemon             go to the background, with a log file and a pid file
  -n, --workers N          pushes at the same time (10)
  -m, --hooks-only NAME    run the plugin command, socket, refreshCDN or http alone, mirror nothing
      --state-dir DIR      journal, snapshots, control socket
      --log-level LEVEL    error, warn, info, debug or trace
      --web-from-host      show figures at the hostip and port of a confxml.xml
  -h, --help               this text
      --version            the version

Commands:
  run                      mirror (the same as no command)
  check [FILE]             check a configuration, and each target: login, module, writing, deleting, links, clock
                           (--offline: the configuration only; --json)
  convert FILE...          confxml.xml, or settings of inotify.sh and sersync.sh, as a watch.yaml on standard output
  doctor [FILE]            what this machine should be set to, and why; changes nothing
and of a running mirror (--config or --state-dir say which):
  status                   where roots and targets stand (--json, --max-lag TIME)
  flush [ROOT]             wait until targets have everything up to now (--target NAME, --timeout TIME, --json)
  verify [ROOT]            compare targets by contents (--target NAME, --repair, --json)
  retry [ROOT]             try at once what waits for its next attempt
  resume ROOT              accept a root as it is, after a guard halted it
  release [ROOT]           let deletions through that were held back
  full-sync [ROOT]         compare everything with targets
  reload                   read the configuration again (as SIGHUP does)

Exit codes: 0 all is well; 1 wrong usage or configuration, or check found errors; 2 not in sync (status, flush, verify),
or doctor found something wrong; 3 no mirror runs there; 4 one runs there already; 5 what was asked for failed.`;
