import { writeFileSync } from "node:fs";
import { configurationJsonSchema } from "../lib/deployment-configuration.ts";

/** Writes the JSON Schema of a deployment's configuration beside the examples. */
const file = new URL("../examples/gateway.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(configurationJsonSchema(), null, 2)}\n`);
