import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { secretIn, secretInText } from "../../core/secret-in-command.ts";

/** Put together here, so that no scanner takes this file for a leak. */
const accessKey = ["AKIA", "IOSFODNN7EXAMPLE"].join("");
const temporaryKey = `ASIA${accessKey.slice(4)}`;
const awsSecret = ["wJalrXUtnFEMI/K7MDENG", "/bPxRfiCYEXAMPLEKEY"].join("");
const jwt = `eyJhbGciOiJIUzI1NiJ9.${"eyJzdWIiOiIxMjM0NTY3ODkwIn0"}.dozjgNryP4J3jVmNHl0w5N_XgL0`;
const pem = (kind: string) =>
  `-----BEGIN ${kind}PRIVATE KEY-----\nMIIEpAIBAAKCAQEAxyzzy0123456789\n-----END ${kind}PRIVATE KEY-----`;

const secrets: [command: string, what: string][] = [
  [`aws configure set aws_access_key_id ${accessKey}`, "an AWS access key"],
  [`env AWS_ACCESS_KEY_ID=${temporaryKey} aws s3 ls`, "an AWS access key"],
  [`sh -c 'export AWS_SECRET_ACCESS_KEY=${awsSecret}; aws s3 ls'`, "an AWS secret"],
  [`aws configure set aws_secret_access_key ${awsSecret}`, "an AWS secret"],
  [`/bin/echo ${awsSecret}`, "an AWS secret"],
  [`env AWS_SESSION_TOKEN=IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVz aws s3 ls`, "an AWS secret"],
  [`sh -c 'cat > k <<X\n${pem("")}\nX'`, "a private key"],
  [`/bin/echo '${pem("RSA ")}'`, "a private key"],
  [`/bin/echo '${pem("OPENSSH ").replaceAll("\n", "\\n")}'`, "a private key"],
  [`/bin/echo '${pem("ENCRYPTED ")}'`, "a private key"],
  [`curl -H 'Authorization: Bearer 0123456789abcdef' https://example.com`, "a bearer token"],
  [`curl -H "authorization: basic dXNlcjpwYXNz" https://example.com`, "a bearer token"],
  [`curl -H Authorization:\\ Bearer\\ abcdefghijkl https://example.com`, "a bearer token"],
  [`curl --oauth2 Bearer abcdefghijklmnop123 https://example.com`, "a bearer token"],
  [`/bin/echo ${jwt}`, "a bearer token"],
  [`git clone https://x@github.com --token ghp_${"a1".repeat(18)}`, "a bearer token"],
  [`env SLACK=xoxb-123456789012-abcdef notify`, "a bearer token"],
  ["mysql --password=hunter2 -e 'select 1'", "a password"],
  ["mysql --password hunter2 -e 'select 1'", "a password"],
  ["env PGPASSWORD=hunter2 psql", "a password"],
  ["sh -c \"PGPASSWORD='hunter2' psql\"", "a password"],
  ["env MYSQL_PWD=hunter2 mysql", "a password"],
  ["app --db-password='correct horse'", "a password"],
  ["curl 'https://example.com/login?user=a&password=hunter2'", "a password"],
  [`curl -d '{"user": "a", "password": "hunter2"}' https://example.com`, "a password"],
  ["app api_key=abcd1234", "a password"],
  ["app --client-secret=abcd1234", "a password"],
  [`psql -c "alter user app password 'hunter2'"`, "a password"],
  [`mysql -e "create user 'a' identified by 'hunter2'"`, "a password"],
  ["psql postgres://app:hunter2@db.internal/app", "a password in a URL"],
  ["redis-cli -u redis://:hunter2@cache:6379", "a password in a URL"],
  [`git clone https://${"0a".repeat(20)}@github.com/a/b`, "a password in a URL"],
  // Comments, which no word holds.
  [`/bin/date # ${awsSecret}`, "an AWS secret"],
  [`/bin/date # KEY=${awsSecret}`, "an AWS secret"],
  ["/bin/date # Authorization: Bearer abcdefgh", "a bearer token"],
  ["/bin/date # password=hunter2", "a password"],
  ["/bin/date # password: hunter2", "a password"],
  ["/bin/date # it's: mysql -phunter2", "a password"],
  ["/bin/date #--token abcdefgh", "a password"],
  // The text of a shell, also within another.
  ["sh -c 'mysql --password hunter2flag -e \"select 1\"'", "a password"],
  ["sh -c 'cd /srv;mysql -phunter2'", "a password"],
  ["sh -c 'cd /srv\nmysql -phunter2'", "a password"],
  ["sh -c 'echo $(mysql -phunter2)'", "a password"],
  [`sh -c "sudo sh -c 'mysql --password hunter2flag'"`, "a password"],
  ["sh -c 'exec mysql -phunter2 # it\\'\\''s so'", "a password"],
  // What a program takes as one.
  ["curl -u user:hunter2 https://example.com", "a password"],
  ["curl -su user:hunter2 https://example.com", "a password"],
  ["curl -uuser:hunter2 https://example.com", "a password"],
  ["curl --user user:hunter2 https://example.com", "a password"],
  ["curl --user=user:hunter2 https://example.com", "a password"],
  ["curl --proxy-user :hunter2 https://example.com", "a password"],
  ["mysql -phunter2", "a password"],
  ["/usr/bin/mysqldump -u root -p'hunter 2' app", "a password"],
  ["sudo mariadb -phunter2", "a password"],
  ["mysqladmin -phunter2 status", "a password"],
  ["mysqladmin -u root password hunter2", "a password"],
  ["redis-cli -h cache -a hunter2 ping", "a password"],
  ["redis-cli auth hunter2", "a password"],
  ["sshpass -p hunter2 ssh host", "a password"],
  ["sshpass -phunter2 ssh host", "a password"],
  ["openssl enc -pass pass:hunter2", "a password"],
  ["openssl rsa -passin pass:hunter2", "a password"],
  ["sh -c 'echo root:hunter2 | chpasswd'", "a password"],
  ["sh -c 'chpasswd <<< root:hunter2'", "a password"],
  ["app --token abcdefgh", "a password"],
  ["app --secret abcdefgh", "a password"],
  ["app --client-secret abcdefgh", "a password"],
  ["app --api-key abcdefgh", "a password"],
  ["app --auth-token abcdefgh", "a password"],
  ["app --db-pass=abcdefgh", "a password"],
  // Named.
  ["env DB_PASS=hunter2 app", "a password"],
  ["env TOKEN=abcdefgh app", "a password"],
  ["env GITHUB_TOKEN=abcdefgh app", "a password"],
  ["env SECRET=abcdefgh app", "a password"],
  ["env SECRET_KEY_BASE=abcdefgh app", "a password"],
  ["env github_token=abcdefgh app", "a password"],
  ["curl -H 'X-Api-Key: abcdefgh' https://example.com", "a password"],
  ["curl -H 'Private-Token: abcdefgh' https://example.com", "a password"],
  [`app '{password: "hunter2"}'`, "a password"],
  [`sh -c "app '{\\"password\\": \\"hunter2\\"}'"`, "a password"],
  ["sh -c 'echo password = hunter2 >> app.ini'", "a password"],
  ["sed -i 's/password=.*/password=hunter2/' app.ini", "a password"],
  ["sh -c 'app --password ${DB_PASSWORD:-hunter2}'", "a password"],
  [`psql -c "update u set password=crypt('hunter2', gen_salt('bf'))"`, "a password"],
  ["curl -H 'Authorization: abcdef0123456789abcdef' https://example.com", "a bearer token"],
  // Tokens known by how they begin.
  ...[
    `sk_test_${"a1".repeat(12)}`,
    `sk_live_${"a1".repeat(12)}`,
    `sk-${"aB3d".repeat(12)}`,
    `sk-proj-${"aB3d".repeat(8)}-x`,
    `xoxa-${"1".repeat(12)}`,
    `xoxb-${"1".repeat(12)}`,
    `xoxp-${"1".repeat(12)}`,
    ...["p", "o", "u", "s", "r"].map((kind) => `gh${kind}_${"a1".repeat(18)}`),
    `glpat-${"a1".repeat(10)}`,
  ].map((token): [string, string] => [`/bin/echo x=${token}`, "a bearer token"]),
  // A dollar is a variable to a shell alone, and there as a name alone.
  ["psql 'postgres://u:$ecret@db/app'", "a password in a URL"],
  ["psql 'postgres://u:$ECRET-1@db/app'", "a password in a URL"],
  ["sh -c 'psql postgres://u:$ecret-1@db/app'", "a password in a URL"],
  ["psql postgres://u:%24ecret@db/app", "a password in a URL"],
  ["app '--password=$ecret'", "a password"],
];

const harmless: string[] = [
  "/bin/sh",
  "ls -la /var/log",
  "cat /proc/loadavg",
  "printenv AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY",
  "env",
  "sh -c 'echo $AWS_SECRET_ACCESS_KEY | wc -c'",
  "sh -c 'psql \"postgres://app:$DB_PASSWORD@db/app\"'",
  "sh -c 'PGPASSWORD=$(cat /run/secrets/db) psql'",
  "sh -c 'PGPASSWORD=\"${DB_PASSWORD}\" psql'",
  'sh -c "PGPASSWORD=\\$DB_PASSWORD psql"',
  "sh -c 'curl -H \"Authorization: Bearer $TOKEN\" https://example.com'",
  "sh -c 'curl -H \"Authorization: Bearer $(cat /run/token)\" https://example.com'",
  "curl -H 'Authorization: Bearer <token>' https://example.com",
  "grep -r password= /etc",
  "grep -rn 'password=' /etc/app",
  "sh -c \"grep -r 'password=' /etc | head\"",
  "grep password /etc/app.conf",
  "grep -i 'bearer authentication failed' app.log",
  "passwd root",
  "htpasswd -v /etc/htpasswd admin",
  "mysql -u root --password",
  "mysql --password -e 'select 1'",
  "mysql --password= -e 'select 1'",
  "app --password-file=/run/secrets/db",
  "app --password=/run/secrets/db",
  "app --password=file:/run/secrets/db",
  "app --reset-password=true",
  "app --password=***",
  "app --password={{password}}",
  "env PWD=/srv ls",
  "ssh-keygen -y -f /etc/ssh/id_rsa",
  "openssl x509 -in cert.pem -text",
  "/bin/echo '-----BEGIN CERTIFICATE-----\nMIIEpAIBAAKCAQEAxyzzy0123456789\n-----END CERTIFICATE-----'",
  "grep -rl -- '-----BEGIN RSA PRIVATE KEY-----' /etc",
  "git show 3f786850e387550fdab836ed7e6dc881de23001b",
  `sha256sum -c ${"0a1b".repeat(16)}`,
  "docker inspect sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "kill -9 12345",
  "curl https://example.com:8443/a@b",
  "curl http://user@example.com/",
  "git clone ssh://git@github.com/org/repo.git",
  "curl 'https://example.com/?mail=a:b@example.com'",
  "aws ecs describe-tasks --tasks arn:aws:ecs:us-east-1:111122223333:task/demo/0123456789abcdef0123456789abcdef",
  "cat /Usr/Local/App1/Share/Config/Prod/Main2/x",
  "java AbstractSingletonProxyFactoryBeanTests20",
  "aws iam get-user --user-name AIDAEXAMPLE",
  "node -e 'console.log(process.env.API_KEY)'",
  "psql -c 'select password from users'",
  'psql -c "select count(*) from users where password is null"',
  // Searches for what secrets are called, and what takes them out.
  "grep -rE 'password=.+' /etc/app",
  "grep -rE 'password=\\S+' /etc/app",
  "grep password= app.log",
  "grep -c 'secret = ' app.py",
  'sh -c \'[ "$TOKEN" = "" ] && echo empty\'',
  "grep -r password 'app.log'",
  `grep -E '"password": *"[^"]*"' app.json`,
  "grep -oP '(?<=password=)[^ ]+' app.ini",
  "grep -i 'password: authentication failed' app.log",
  "sed 's/password=[^&]*/password=REDACTED/'",
  "sed -n 's/password=.*/x/p'",
  "sh -c 'sed \"s/^password=.*/password=$NEW/\" app.ini'",
  'grep "SessionToken ValidationException" app.log',
  "grep -r session_token ApplicationController",
  'grep -i "bearer tokens-expired-2026-01"',
  "grep -rl -- '-----BEGIN RSA PRIVATE KEY-----' /etc/kubernetes/pki/private",
  "redis-cli get session_token:0123456789abcdef",
  "redis-cli get password:reset:user123",
  "cat /run/secrets/token",
  "printenv TOKEN",
  "env | grep -i secret",
  "sh -c 'env | grep -i secret'",
  "aws secretsmanager get-secret-value --secret-id prod/db",
  "aws s3api list-objects --bucket b --starting-token eyJNYXJrZXIiOiBudWxsfQ==",
  "aws logs get-log-events --next-token=abcdefgh1234",
  "aws ecs create-service --client-token=abcdefgh1234",
  "kubectl get secret x",
  "docker build --secret id=npm,src=/run/npm .",
  // What asks, reads elsewhere or fills in.
  "openssl enc -pass stdin",
  "openssl enc -pass fd:3",
  "openssl enc -pass env:NAME",
  "openssl enc -pass file:/x",
  "ffmpeg -pass 2 -i x",
  "mysql -p",
  "mysql -u root -p app",
  "sh -c 'mysql -p$DB_PASSWORD app'",
  "sh -c 'mysql -p$(cat /run/secrets/db) app'",
  "mysql -P3306",
  "mkdir -pv /srv/app",
  "docker run -p8080:80 app",
  "ssh -p 2222 host",
  "sshpass -e ssh -p 2222 host",
  "psql --password app",
  "psql --no-password app",
  "ansible-playbook --ask-pass site.yml",
  "redis-cli --askpass ping",
  "curl -u user https://example.com",
  "curl -u user: https://example.com",
  "sh -c 'curl -u \"$USER:$PASS\" https://example.com'",
  "docker run -u 1000:1000 app",
  'curl -H "Authorization: Bearer $TOKEN"',
  'curl -H "X-Api-Key: $API_KEY"',
  "sh -c 'app --token \"$TOKEN\" --secret ${SECRET}'",
  "sh -c 'TOKEN=$(cat /run/secrets/token) app'",
  "sh -c 'for p in a b; do psql postgres://u:$p@db/app; done'",
  "psql 'postgres://u:$DB_PASSWORD@db/app'",
  "psql 'postgres://u:${db_password}@db/app'",
  "sh -c 'app --password ${DB_PASSWORD:?is missing}'",
  "sh -c '(PGPASSWORD=$PW psql)'",
  "sh -c 'chpasswd < /run/secrets/users'",
  "env DB_SECRET=arn:aws:secretsmanager:us-east-1:111122223333:secret:db app",
  // Programs' text and SQL.
  'psql -c "select password=md5(x) from u"',
  'psql -c "select passwd=any(x) from u"',
  'psql -c "select passwd = coalesce(x, y) from u"',
  'psql -c "select 1 from u join v on u.password = v.password"',
  'psql -c "update u set password = null"',
  "psql -c 'select 1 from u where password = $1'",
  "python3 -c 'import os; connect(password=os.environ[\"PW\"])'",
  "python3 -c 'connect(password=getpass(\"Password: \"))'",
  "node -e 'if (password == other) exit()'",
  "jq '{password: .password}' app.json",
  "psql postgresql://payments_api_readonly_v2@db",
  "docker run -v /etc/passwd:/etc/passwd:ro app",
  "pip install scikit-learn task-force-of-twenty-2026",
  "env npm_config_registry_of_a_very_long_name_indeed=x npm ci",
  "",
  "'",
];

const secretTexts: [text: string, what: string][] = [
  [`the key ${accessKey} leaked`, "an AWS access key"],
  [`rotate ${awsSecret}`, "an AWS secret"],
  [`restore ${pem("RSA ")}`, "a private key"],
  [`is ghp_${"a1".repeat(18)} still valid?`, "a bearer token"],
  [`as in ${jwt}`, "a bearer token"],
  ["they sent Bearer abcdefgh12345678", "a bearer token"],
  ["restore from postgres://app:hunter2@db/app", "a password in a URL"],
  ["log in with password=hunter", "a password"],
  ["log in with password = hunter2", "a password"],
  ["log in with password: hunter2", "a password"],
  ["log in (password:hunter2).", "a password"],
  ["the password: “correct horse”", "a password"],
];

const harmlessTexts: string[] = [
  "",
  "INC-4711",
  "https://jira.example.com/browse/OPS-1?focusedId=0123456789",
  "reset password: user is locked out",
  "password: see the vault",
  "password: self-service failed!",
  "password: https://vault.example.com/ui/2",
  "set password=$DB_PASSWORD anew",
  "the bearer token expired",
  "bearer tokens-expired-2026-01",
  "mysql --password is asked for, use -u app:ro",
  "rotate the token; it's in prod/db/token",
  "commit 3f786850e387550fdab836ed7e6dc881de23001b",
  "authorization: basic authentication is broken",
  "login fails with password=expired",
  "tests: pass=12 fail=3",
  "see postgres://app@db/app and http://localhost:8080",
];

describe("secretIn", () => {
  it.each(secrets)("sees in %j %s", (command, what) => {
    expect(secretIn(command)).toBe(what);
  });

  it.each(harmless)("lets %j through", (command) => {
    expect(secretIn(command)).toBeUndefined();
  });

  const seed = Number(process.env["SEED"] ?? Date.now() & 0x7fffffff);

  it(`sees AWS's keys wherever they stand (seed ${seed})`, () => {
    const of = (alphabet: string, length: number) =>
      fc
        .array(fc.constantFrom(...Array.from(alphabet)), { minLength: length, maxLength: length })
        .map((letters) => letters.join(""));
    const before = fc.constantFrom("", "x ", "'", "A=", "--key ", "sh -c 'a ", ", ", '"');
    const after = fc.constantFrom("", " x", "'", ";", " --key", ", ", '"', "\\n");
    fc.assert(
      fc.property(
        fc.constantFrom("AKIA", "ASIA"),
        of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", 16),
        before,
        after,
        (kind, rest, front, back) => {
          expect(secretIn(`${front}${kind}${rest}${back}`)).toBe("an AWS access key");
        },
      ),
      { seed },
    );
  });
});

describe("secretInText", () => {
  it.each(secretTexts)("sees in %j %s", (text, what) => {
    expect(secretInText(text)).toBe(what);
  });

  it.each(harmlessTexts)("lets %j through", (text) => {
    expect(secretInText(text)).toBeUndefined();
  });
});
