import { describe, expect, it } from "vitest";
import { opensShell } from "../../core/opens-shell.ts";

const words = (command: string): string[] => command.split(" ");

describe("opensShell", () => {
  it.each([
    "sh",
    "/bin/sh",
    "//bin//bash",
    "/bin/bash/",
    "bash-5.2",
    "BASH",
    "/usr/local/bin/python3.11",
    "node22",
    "ruby3.2 -e 1",
    "perl5.36.0",
    "vim.basic x",
    "php8.2 -a",
    "busybox.static sh",
    "git-shell",
    "nc.traditional -e x",
    "redis-cli",
    "sqlite3 x.db",
    "docker-compose run x",
  ])("knows %j by its name, whatever the path, version or case", (command) => {
    expect(opensShell(words(command))).toBe(true);
  });

  it.each([
    "env",
    "/usr/bin/env PATH=/x ls",
    "nice ls",
    "nohup x",
    "timeout 5 x",
    "xargs",
    "find / -exec x",
    "busybox ls",
    "su - x",
    "sudo x",
    "setpriv x",
    "unshare x",
    "chroot /x",
    "script",
    "watch ls",
    "ip netns exec x y",
    "sort --compress-program x",
    "tini -- x",
    "su-exec root x",
    "start-stop-daemon --exec x",
  ])("warns of %j, which runs what it is given", (command) => {
    expect(opensShell(words(command))).toBe(true);
  });

  it.each([
    "vi x",
    "nano x",
    "emacs",
    "ed",
    "less /var/log/x",
    "more x",
    "man ls",
    "top",
    "gdb -p 1",
    "strace -p 1",
    "git log",
    "tar xf x",
    "ssh x",
    "awk x",
    "sed -i x",
    "make",
    "kubectl get pods",
    "systemctl status",
    "psql",
    "irb",
    "openssl",
    "tee /etc/cron.d/x",
    "dd of=/bin/date",
    "cp /bin/sh /bin/date",
    "ln -sf /bin/sh /bin/date",
    "ldd /x",
  ])("warns of %j, from which one can get out or put a program in place", (command) => {
    expect(opensShell(words(command))).toBe(true);
  });

  it.each([
    "./ls",
    "bin/ls",
    "../ls",
    "/bin/../tmp/ls",
    "/usr/./bin/date",
    "/proc/self/exe",
    "/proc/1/root/bin/ls",
    "/dev/fd/3",
    "/tmp/date",
    "/var/tmp/date",
    "/run/x",
    "/lib64/ld-linux-x86-64.so.2 /bin/date",
    "/lib/ld-musl-x86_64.so.1 x",
    "/usr/bin/ld.so x",
    "/lib/x86_64-linux-gnu/libc.so.6",
  ])("cannot tell which program %j is", (command) => {
    expect(opensShell(words(command))).toBe(true);
  });

  it.each(["some-init -- /bin/sh", "wrap -x bash -c id", "/opt/run zsh"])(
    "takes a shell among the words of %j for what is run in the end",
    (command) => {
      expect(opensShell(words(command))).toBe(true);
    },
  );

  it.each([
    "/bin/date",
    "date -u",
    "/bin/cat /proc/loadavg",
    "cat /etc/hosts",
    "/bin/df -h",
    "/bin/ls -la /srv",
    "/bin/uname -a",
    "/usr/bin/uptime",
    "/bin/ps aux",
    "/usr/bin/id",
    "/usr/bin/free -m",
    "/usr/bin/printenv PATH",
    "/app/bin/healthcheck",
    "/bin/echo sheep",
    "/bin/grep -c x /var/log/app.log",
  ])("has no warning for %j", (command) => {
    expect(opensShell(words(command))).toBe(false);
  });

  it("has nothing to say about no command at all", () => {
    expect(opensShell([])).toBe(false);
  });
});
