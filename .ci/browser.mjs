// Signs in with padlock and a real browser (Chromium, by the WebDriver protocol), and takes a
// screenshot of every page. usage: node browser.mjs FOLDER PADLOCK ARGUMENT...
// The user is USER_NAME with USER_PASSWORD and, where a page asks, USER_CODE. Prints what padlock
// printed; ends with padlock's exit code.
import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

const [folder, padlock, ...args] = process.argv.slice(2);
const { USER_NAME = "robin@percy.test", USER_PASSWORD = "pa55word", USER_CODE = "123456" } = process.env;
const ELEMENT = "element-6066-11e4-a52e-4f735466cecf";
mkdirSync(folder, { recursive: true });

/** The first line of a stream for which `find` has an answer. */
const line = (stream, find) =>
  new Promise((resolve, reject) => {
    const lines = createInterface({ input: stream });
    lines.on("line", (text) => find(text) && resolve(find(text)));
    lines.on("close", () => reject(new Error("the program ended early")));
  });

const driver = spawn("chromedriver", ["--port=0"], { stdio: ["ignore", "pipe", "inherit"] });
const port = await line(driver.stdout, (text) => text.match(/successfully on port (\d+)/)?.[1]);
const call = async (method, path, body) => {
  const response = await fetch(`http://127.0.0.1:${port}/session${path}`, {
    method,
    body: body && JSON.stringify(body),
  });
  const { value } = await response.json();
  if (!response.ok) throw new Error(`${path}: ${value.error}: ${value.message}`);
  return value;
};
const options = { args: ["--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=800,600"] };
const capabilities = { alwaysMatch: { browserName: "chrome", "goog:chromeOptions": options } };
const { sessionId } = await call("POST", "", { capabilities });
const page = (method, path, body) => call(method, `/${sessionId}${path}`, body);
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

let shots = 0;
const screenshot = async () => {
  const image = await page("GET", "/screenshot");
  writeFileSync(`${folder}/${++shots}.png`, Buffer.from(image, "base64"));
};

/** What goes on to the next page, best first; the names of classes are glewlwyd's. */
const BUTTONS = [
  "button[type=submit], button[value=yes]",
  "button.btn-success:enabled",
  "button.btn-primary:enabled:not(.dropdown-toggle)",
  "button, input[type=submit]",
];

/** The first visible element for a selector. */
const visible = async (selector) => {
  for (const found of await page("POST", "/elements", { using: "css selector", value: selector })) {
    const id = found[ELEMENT];
    if (await page("GET", `/element/${id}/displayed`)) return id;
  }
};
const type = async (selector, text) => {
  const id = await visible(selector);
  if (!id) return;
  await page("POST", `/element/${id}/clear`, {});
  await page("POST", `/element/${id}/value`, { text });
};

/** Fills in the page, and goes on to the next. Returns whether there was anything to do. */
const proceed = async () => {
  await type("input[name=username], input[name=login], input#username", USER_NAME);
  await type("input[type=password]", USER_PASSWORD);
  await type("input[name=code]", USER_CODE);
  let button;
  for (const selector of BUTTONS) button ??= await visible(selector);
  if (button) await page("POST", `/element/${button}/click`, {});
  return Boolean(button);
};

const login = spawn(padlock, ["login", ...args, "--error-format", "json"], { stdio: ["ignore", "pipe", "pipe"] });
let printed = "";
login.stdout.on("data", (text) => (printed += text));
login.stderr.on("data", (text) => process.stderr.write(text));
const ended = new Promise((resolve) => login.on("exit", (code) => resolve(code ?? 1)));
try {
  const announced = await line(login.stderr, (text) => text.startsWith("{") && JSON.parse(text));
  const { browser, device } = announced;
  if (!browser && !device) throw new Error("padlock did not say where to sign in");
  await page("POST", "/url", { url: browser?.address ?? device.verification_uri_complete });
  let last = "";
  for (let tries = 0; tries < 100 && login.exitCode === null; tries++) {
    const source = await page("GET", "/source");
    if (source === last) {
      await pause(100);
      continue;
    }
    last = source;
    await screenshot();
    if (!(await proceed())) await pause(100);
  }
  await screenshot();
} finally {
  await page("DELETE", "");
  driver.kill();
}
process.stdout.write(printed);
process.exitCode = await ended;
