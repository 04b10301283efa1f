// Reads an AsyncAPI document from standard input, prints the diagnostics of its parser and what it understood, as JSON.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(readFileSync(0, "utf8"));
const messages = document?.allMessages().all() ?? [];
console.log(JSON.stringify({
  diagnostics: diagnostics.map(({ severity, code, message }) => ({ severity, code, message })),
  operations: document?.allOperations().all().map((each) => each.id()) ?? [],
  messages: messages.map((each) => ({ name: each.name(), headers: each.hasHeaders(), examples: each.examples().length })),
}));
