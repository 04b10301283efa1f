// Reads AsyncAPI documents, a JSON list of texts, from standard input; prints of each the diagnostics of its parser and
// what it understood.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";

async function read(text) {
  const { document, diagnostics } = await new Parser().parse(text);
  return {
    diagnostics: diagnostics.map(({ severity, code, message }) => ({ severity, code, message })),
    operations: document?.allOperations().all().map((each) => each.id()) ?? [],
    messages: (document?.allMessages().all() ?? []).map((each) => ({
      name: each.name(), headers: each.hasHeaders(), examples: each.examples().length,
    })),
  };
}

console.log(JSON.stringify(await Promise.all(JSON.parse(readFileSync(0, "utf8")).map(read))));
