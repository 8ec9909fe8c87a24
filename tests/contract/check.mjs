// AsyncAPI's own parser on deploy/asyncapi.yaml, and messages against the document's own schemas.
//
//   node check.mjs ../../deploy/asyncapi.yaml messages.jsonl
//
// Each line of messages.jsonl (written by `python -m tests.contract.messages`) names a message of
// the document, has its headers and payload, and says whether they are valid.
import { readFileSync } from "node:fs";
import { Parser } from "@asyncapi/parser";
import Ajv from "ajv";

const [documentFile, messagesFile] = process.argv.slice(2);
const { document, diagnostics } = await new Parser().parse(readFileSync(documentFile, "utf8"), {
  source: documentFile,
});
const WARNING = 1; // 0 is an error, 2 and above are hints
for (const { severity, code, message, path } of diagnostics) {
  if (severity <= WARNING) console.error(`${code} at ${path.join(".")}: ${message}`);
}
let failures = diagnostics.filter(({ severity }) => severity <= WARNING).length;
if (!document) process.exit(1);

const ajv = new Ajv({ strict: false, validateFormats: false });
const judges = new Map();
for (const message of document.allMessages()) {
  const [payload, headers] = [message.payload(), message.headers()];
  judges.set(message.name(), [
    payload ? ajv.compile(payload.json()) : () => true,
    headers ? ajv.compile(headers.json()) : () => true,
  ]);
}

const lines = readFileSync(messagesFile, "utf8").trim().split("\n").map((line) => JSON.parse(line));
for (const { message, headers, payload, valid, what } of lines) {
  const judge = judges.get(message);
  const taken = Boolean(judge) && judge[0](payload) && judge[1](headers);
  if (taken === valid) continue;
  failures += 1;
  const errors = judge ? [...(judge[0].errors ?? []), ...(judge[1].errors ?? [])] : [];
  const why = judge ? ajv.errorsText(errors) : "no such message";
  console.error(`${message}, ${what}: ${valid ? `refused: ${why}` : "taken"}`);
}
const wrong = lines.filter(({ valid }) => !valid).length;
console.log(
  `${judges.size} messages in the document; ${lines.length - wrong} real ones and ${wrong} with ` +
  `one wrong field judged; ${failures} failures`,
);
process.exit(failures ? 1 : 0);
