// A program against the generated types: node client.mjs BASE TOKEN acknowledges what waits for the token's unit, and
// asks for a task that is not there.
import type { components, operations } from "./contract.js";

declare const process: { argv: string[] };
declare const console: { log(text: string): void };
declare function fetch(address: string, init: object): Promise<{ json(): Promise<unknown> }>;
type Tasks = operations["listTasks"]["responses"]["200"]["content"]["application/json"];
type Task = operations["getTask"]["responses"]["200"]["content"]["application/json"];
type Problem = operations["getTask"]["responses"]["4XX"]["content"]["application/problem+json"];
type Granted = components["schemas"]["Granted"];

const [base, token] = process.argv.slice(2);
const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
const get = (path: string) => fetch(base + path, { headers });
const post = (path: string, key: string, body: object) =>
  fetch(base + path, { method: "POST", headers: { ...headers, "Idempotency-Key": key }, body: JSON.stringify(body) });

const page = (await (await get("/v1/tasks?view=unacknowledged")).json()) as Tasks;
const task = (await (await get(`/v1/tasks/${page.items[0].task_id}`)).json()) as Task;
const mine = task.assignments.find((each) => "in_hand_since" in each) as components["schemas"]["AssignmentView"];
const body: components["schemas"]["Acknowledgement"] = { responsible_person: "张某" };
const granted = (await (await post(`/v1/assignments/${mine.assignment_id}/acknowledge`, "typescript-1", body)).json()) as Granted;
const problem = (await (await get("/v1/tasks/6d0b5bd4-64cb-4c5a-9d7c-3d2f9a6c1f11")).json()) as Problem;
console.log(JSON.stringify([granted.aggregate, granted.version, problem.status]));

// @ts-expect-error: the types know that a task has no such field
page.items[0].colour;
