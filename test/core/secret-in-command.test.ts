import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { secretIn } from "../../core/secret-in-command.ts";

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
  "",
  "'",
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

  it(`is through with odd commands of full length in the time of a test (seed ${seed})`, () => {
    const piece = fc.constantFrom(
      "password=",
      "bearer ",
      "a:",
      "://",
      "@",
      "-----BEGIN ",
      "PRIVATE KEY-----",
      "eyJ",
      ".",
      "A1a/",
      "aws_secret_access_key ",
      " ",
      "'",
      '"',
      "\\",
      "authorization:",
      "x-",
    );
    fc.assert(
      fc.property(fc.array(piece, { minLength: 1, maxLength: 6 }), (pieces) => {
        const unit = pieces.join("");
        const command = unit.repeat(Math.floor(8150 / unit.length));
        expect(secretIn(`${command} app --api-key=abcd1234`)).toBeDefined();
      }),
      // A form that took its square would take minutes for all of them.
      { seed, numRuns: 150, interruptAfterTimeLimit: 4_500, markInterruptAsFailure: true },
    );
  });
});
