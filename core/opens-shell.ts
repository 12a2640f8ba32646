/**
 * Whether a command is a shell, or can become one: then what is typed afterwards is limited by no rule.
 *
 * This is a deny-list, and no deny-list is complete: any program of the image may be a shell under a name
 * of its own, and root in the container can put one under any name. It serves to WARN approvers and to
 * keep such commands from being approved automatically. It errs towards warning. A rule that must hold
 * allows exact commands: `context.line == …`.
 */
export function opensShell(words: readonly string[]): boolean {
  const [program = "", ...rest] = words;
  if (isUnplaced(program) || isLoader(program) || isListed(program, RUNS_OTHERS)) return true;
  // A shell or interpreter named anywhere suggests a wrapper that the list does not know:
  // `some-init -- /bin/sh`. With a path, any program that runs others does.
  return rest.some(
    (word) => isListed(word, SHELLS) || (word.startsWith("/") && isListed(word, RUNS_OTHERS)),
  );
}

/** A path that does not say which program it is: relative, through dots, or where anybody puts files. */
function isUnplaced(program: string): boolean {
  if (!program.includes("/")) return false;
  if (!program.startsWith("/")) return true;
  const segments = program.split("/").filter((segment) => segment !== "");
  if (segments.some((segment) => segment === "." || segment === "..")) return true;
  const [first = "", second = ""] = segments;
  return (
    ["proc", "sys", "dev", "run", "tmp"].includes(first) || (first === "var" && second === "tmp")
  );
}

/** The dynamic loader runs the program it is given: `/lib64/ld-linux-x86-64.so.2 /bin/sh`. */
function isLoader(program: string): boolean {
  const name = baseName(program);
  return name.startsWith("ld-") || name.startsWith("ld.") || /^ld[0-9]|\.so(?:\.|$)/.test(name);
}

/**
 * Whether the name is listed, with or without a version or variant: `bash-5.2`, `python3.11`,
 * `vim.basic`, `git-shell`. Upper case is taken for lower: it costs a warning at most.
 */
function isListed(word: string, names: ReadonlySet<string>): boolean {
  const name = baseName(word);
  for (let end = name.length; end > 0; end--) {
    const next = name.charAt(end);
    if (next !== "" && !/[-_.0-9]/.test(next)) continue;
    if (names.has(name.slice(0, end))) return true;
  }
  return false;
}

function baseName(word: string): string {
  const trimmed = word.replace(/\/+$/, "");
  return trimmed.slice(trimmed.lastIndexOf("/") + 1).toLowerCase();
}

function list(...lines: string[]): ReadonlySet<string> {
  return new Set(lines.join(" ").split(" "));
}

const SHELLS = list(
  "sh ash bash dash ksh ksh93 mksh pdksh lksh oksh yash zsh csh tcsh fish elvish nush xonsh pwsh powershell",
  "rbash rksh rzsh rssh sash slsh psh scsh busybox toybox",
);

const RUNS_OTHERS: ReadonlySet<string> = new Set([
  ...SHELLS,
  ...list(
    // one binary, many programs; and shells whose names are also ordinary words
    "coreutils box sbase ubase es rc nu posh",
    // run the program they are given, as it is or as somebody else
    "env nice ionice nohup time timeout gtimeout xargs find fd fdfind parallel sem watch entr watchexec",
    "su sudo doas runuser gosu su-exec setpriv setuidgid envuidgid envdir chpst softlimit setlock sg newgrp",
    "login getty agetty chroot pivot_root switch_root unshare nsenter capsh prlimit chrt taskset numactl",
    "choom uclampset pidstat coresched cgexec setarch linux32 linux64 i386 x86_64 setsid stdbuf unbuffer faketime fakeroot fakechroot proot",
    "bwrap firejail rlwrap flock lockfile logsave start-stop-daemon run-parts run-mailcap command exec eval",
    "builtin source hyperfine multitime pexec cpulimit dumb-init tini catatonit docker-init s6 runsv sv",
    "runsvdir supervisord supervisorctl pm2 forever monit systemctl systemd-run systemd service init rc-service",
    "initctl telinit openrc at batch crontab cron anacron script scriptlive screen tmux byobu zellij dtach",
    "abduco tmate expect torify torsocks proxychains tsocks ip chronic ts ifne vipe pee xdotool",
    "ssh-agent dbus-run-session dbus-launch busctl machinectl loginctl pkexec xvfb-run",
    // interpreters
    "python pypy ipython bpython ptpython jupyter pdb pudb python-config node nodejs deno bun tsx ts-node npx",
    "npm pnpm yarn corepack ruby irb pry jruby rake rails bundle bundler gem erb byebug perl perlbug cpan cpanm",
    "raku php phpdbg lua luajit texlua tclsh wish jimsh guile gosh racket scheme clisp sbcl ecl r rscript",
    "julia octave octave-cli gnuplot java javac jshell jjs jrunscript jdb jcmd jattach scala kotlin kotlinc",
    "groovy clojure clj lein elixir iex mix erl escript erlc ocaml ghc ghci runghc runhaskell stack cabal go",
    "gorun rust-script cargo swift dotnet mono csi fsi csharp awk gawk mawk nawk sed gsed bc dc jq yq m4 ex",
    "ginsh tasksh tex latex pdftex pdflatex luatex lualatex xetex xelatex forth gforth qjs js rhino mujs wasmtime",
    "wasmer django-admin manage.py flask celery gunicorn uwsgi uvicorn artisan tinker wp drush console",
    // databases and services with a way out, or with a language of their own
    "psql pg_dump mysql mysqldump mysqlsh mariadb sqlite sqlite3 sqlplus sqlcmd isql usql cqlsh mongo mongosh",
    "redis-cli valkey-cli keydb-cli duckdb clickhouse influx cockroach neo4j-admin cypher-shell rabbitmqctl",
    "rabbitmq etcdctl consul vault nomad zkcli.sh ldapsearch kafka-console-producer nats",
    // editors, pagers and what starts them
    "vi vim vim.basic vim.tiny nvim neovim view rvim rview vimdiff gvim evim vipw vigr visudo sudoedit nano rnano",
    "pico emacs emacsclient zile mg jed joe jmacs jstar rjoe ne ed red micro helix hx kak tilde dte mcedit mc",
    "less lessecho zless bzless xzless lzless zstdless more zmore bzmore xzmore lzmore pager editor sensible-editor sensible-pager sensible-browser select-editor most pg man info pinfo apropos bat batcat lesspipe w3m lynx links elinks browsh mail mailx",
    "mutt neomutt alpine pine ranger nnn lf vifm ncdu top htop atop btop iftop glances nmon dmesg journalctl",
    "timedatectl hostnamectl localectl resolvectl coredumpctl",
    // debuggers, tracers, and what reads other processes' memory
    "gdb gdbserver lldb dlv strace ltrace ptrace perf bpftrace bcc sysdig valgrind rr crash kdb radare2 r2 scanmem",
    "py-spy rbspy pyrasite frida debugfs gcore tcpdump tshark",
    // build tools, package managers, version control
    "make gmake cmake ninja meson bazel scons ant mvn gradle sbt just task rake waf cc gcc g++ c++ c89 c99 clang tcc",
    "cpp ld ldd as gas nasm tcc cobc distcc ccache libtool pkg-config git hg svn bzr cvs fossil darcs gh glab tig lazygit",
    "apt apt-get aptitude dpkg dpkg-reconfigure yum dnf microdnf rpm rpmdb rpmquery rpmverify zypper apk pacman",
    "brew snap flatpak nix nix-shell guix pip pipx uv poetry conda mamba easy_install virtualenv tox nox invoke",
    "ansible ansible-playbook puppet facter chef-client knife salt-call terraform tofu pulumi packer vagrant",
    "opkg pkg emerge port composer helm kustomize skaffold tilt",
    // other machines and other containers
    "ssh sshd sshpass ssh-keygen ssh-keyscan scp sftp slogin rlogin rsh rexec dropbear dbclient mosh autossh psftp",
    "plink telnet telnetd ftp ncftp lftp tnftp smbclient rsync rclone unison nc ncat netcat nc.openbsd",
    "nc.traditional socat socket curl wget aria2c openssl openvpn pppd inetd xinetd httpd docker dockerd",
    "docker-compose podman nerdctl ctr crictl runc crun buildah containerd kubectl oc k9s kubelet minikube aws eb",
    "ecs-cli copilot gcloud gsutil az doctl heroku fly session-manager-plugin ssm-cli amazon-ssm-agent virsh",
    "lxc lxc-attach incus machinectl vagrant minicom picocom cu",
    // archive and file tools that run a command, or put a file of one's own where a program is looked for
    "tar bsdtar gtar star zip unzip 7z 7za rar cpio pax ar shar dump restore restic borg duplicity split csplit",
    "sort tee dd cp mv ln install sponge patch xxd truncate rename mmv sshfs mount umount losetup fusermount",
    "insmod modprobe kmod sysctl ldconfig update-alternatives chmod chown setcap useradd usermod adduser chpasswd",
    "passwd chsh logrotate certbot exiftool pandoc enscript nroff troff groff man-db ispell aspell cowsay",
    "cowthink fortune neofetch genisoimage mkisofs xorriso convert magick ffmpeg msgfilter msgexec zsoelim",
    "iconvconfig dialog whiptail fzf peco gum sqlmap msfconsole hping3 nmap",
  ),
]);
