import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/**
 * Ends every process the containers leave behind, also when the emulator itself is killed with a
 * signal nobody can catch. It is a child that reads which processes live from a pipe; the kernel closes
 * the pipe with us, however we end, and then it kills.
 */
export interface Reaper {
  /** False once the child has gone: nothing may be started then, for nobody would end it. */
  readonly watching: boolean;
  add(pid: number): void;
  remove(pid: number): void;
  /**
   * Kills everything that was started in one container, as the end of its task does. `pids` are its
   * commands that still run: by their sessions are found even those who know no HOME any more.
   */
  endContainer(home: string, pids: readonly number[]): void;
  /** Kills what is left and removes the folder; resolves when that has been done. */
  close(): Promise<void>;
}

/**
 * In the child, three ways lead to a process: it is on the list, with its process group; it is in the
 * session of one that is (a background job has a group of its own); or its environment has the HOME of
 * a container, which finds what has made itself a session of its own. Where there is no /proc only the
 * first is left. A process that has cleared its environment gets away if it made itself a session of its
 * own too, or outlived the command that started it.
 *
 * Processes are looked for until none is found, because one can be born while the list is read.
 */
const SCRIPT = `
trap '' HUP INT TERM QUIT
root=$1
pids=' '
sweep() {
  home=$1
  list=$2
  for p in $list; do kill -9 -"$p"; kill -9 "$p"; done 2>/dev/null
  pass=0
  while [ $pass -lt 50 ]; do
    pass=$((pass + 1))
    found=
    for stat in /proc/[0-9]*/stat; do
      { IFS= read -r line <"$stat"; } 2>/dev/null || continue
      set -- \${line##*) }
      [ "$1" = Z ] && continue
      case $list in *" $4 "*) p=\${stat#/proc/}; found="$found \${p%/stat}" ;; esac
    done
    for file in $(grep -lsF -- "HOME=$home" /proc/[0-9]*/environ); do
      p=\${file#/proc/}
      found="$found \${p%/environ}"
    done
    [ -z "$found" ] && break
    kill -9 $found 2>/dev/null
    sleep 0.02
  done
}
while IFS= read -r order; do
  case $order in
    +*) pids="$pids\${order#+} " ;;
    -*) p=\${order#-}; case $pids in *" $p "*) pids="\${pids%% $p *} \${pids#* $p }" ;; esac ;;
    !*) order=\${order#!}; sweep "\${order#*:}" " \${order%%:*} " ;;
  esac
done
sweep "$root" "$pids"
rm -rf -- "$root"
`;

/**
 * Starts the reaper of everything under `root`, a folder that only this emulator uses. `onLost` is
 * called if the child ends before it was told to.
 */
export async function startReaper(root: string, onLost: () => void): Promise<Reaper> {
  const child = spawn("/bin/sh", ["-c", SCRIPT, "sh", root], {
    // Its own session: Ctrl-C and the closing of our terminal are for us, and it has to outlive us.
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
    cwd: "/",
    env: { PATH: "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" },
  });
  await once(child, "spawn");
  const gone = once(child, "exit");
  let watching = true;
  let closing = false;
  const lost = (): void => {
    if (!watching) return;
    watching = false;
    if (!closing) onLost();
  };
  child.once("exit", lost);
  child.stdin.on("error", lost); // EPIPE: nobody reads the list any more
  const order = (line: string): void => {
    if (watching) child.stdin.write(`${line}\n`);
  };

  return {
    get watching() {
      return watching;
    },
    add: (pid) => order(`+${pid}`),
    remove: (pid) => order(`-${pid}`),
    endContainer: (home, ended) => order(`!${ended.join(" ")}:${home}`),
    async close() {
      closing = true;
      endInput(child);
      await gone;
    },
  };
}

function endInput(child: ChildProcess): void {
  if (child.exitCode === null && child.signalCode === null) child.stdin?.end();
}
