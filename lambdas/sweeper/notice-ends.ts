import { nextEvent } from "../../core/event.ts";
import type { SeenSession } from "../../core/execute-command.ts";
import { illegal } from "../../core/transitions.ts";
import { requireActivated } from "../activated.ts";
import { commit } from "../commit.ts";
import { loadRequest } from "../load-request.ts";
import type { SweeperPorts } from "../ports.ts";
