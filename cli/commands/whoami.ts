import type { Command } from "commander";
import { whoamiSchema } from "../../api/response-schemas.ts";
import { joined, shown } from "../shown.ts";
import type { Start } from "../start.ts";

const sources = {
  directory: "the directory",
  "identity-center": "IAM Identity Center",
  token: "the token",
  none: "nobody",
};

export function whoami(command: Command, start: Start): void {
  command.action(() =>
    start.withGateway(async ({ api, output }) => {
      const who = await api.call("GET", "/v1/whoami", { schema: whoamiSchema });
      if (output.json) {
        output.value(who);
        return undefined;
      }
      const groups = joined(
        who.groups.map((group) => shown`${group}`),
        ", ",
      );
      const { configuration } = who;
      output.print(
        who.id === undefined
          ? shown`nobody the directory knows`
          : shown`${who.kind} ${who.id} (${who.name ?? ""})`,
      );
      output.print(shown`principal  ${who.principal}`);
      const from =
        who.groupsAsOf === undefined ? "" : `, by ${sources[who.groupsFrom]} of ${who.groupsAsOf}`;
      const known = who.groupsUnknown === undefined ? "none" : `not known: ${who.groupsUnknown}`;
      output.print(shown`groups     ${who.groups.length === 0 ? known : groups}${from}`);
      output.print(
        configuration === undefined
          ? shown`rules      none in force`
          : shown`rules      #${configuration.seq} ${configuration.hash}, in force since ${configuration.activatedAt}`,
      );
      output.print(shown`gateway    ${api.url}`);
      return undefined;
    }),
  );
}
