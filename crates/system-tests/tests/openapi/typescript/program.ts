// Calls the portal through the generated client. What it needs that the types do not allow does not
// compile; what they promise and the portal does not keep fails while it runs.

import createClient from "openapi-fetch";

import type { components, paths } from "./portal.js";

type Schemas = components["schemas"];

const [baseUrl = "", email = "", password = ""] = process.argv.slice(2);

// Lists in a query are separated by commas, as the document says; this client has to be told.
const api = createClient<paths>({
  baseUrl,
  querySerializer: { array: { style: "form", explode: false } },
});

/** The body of a success; anything else ends the program. */
function ok<T>({ data, error }: { data?: T; error?: Schemas["Error"] }): T {
  if (data === undefined) throw new Error(error?.error ?? "no answer");
  return data;
}

// An error says why in a sentence; without a session there is no profile.
const refused = await api.GET("/api/v1/portal/profile");
const sentence: string | undefined = refused.error?.error;

const { accessToken, user } = ok(
  await api.POST("/api/v1/portal/auth/login", { body: { email, password } }),
);
api.use({
  onRequest({ request }) {
    request.headers.set("authorization", `Bearer ${accessToken}`);
    return request;
  },
});

const { ticket } = ok(
  await api.POST("/api/v1/portal/tickets", {
    body: { subject: "Printer", description: "It is on fire.\nAgain.", priority: "urgent" },
  }),
);
// `priority` may be left out.
ok(await api.POST("/api/v1/portal/tickets", { body: { subject: "Scanner", description: "Dusty." } }));

const found = ok(
  await api.GET("/api/v1/portal/tickets", {
    params: { query: { status: ["new", "open"], priority: ["high", "urgent"], sort: "-priority", limit: "10" } },
  }),
);

const path = { id: ticket.id };
const { comment } = ok(
  await api.POST("/api/v1/portal/tickets/{id}/comments", { params: { path }, body: { content: "Hurry!" } }),
);
const shown = ok(await api.GET("/api/v1/portal/tickets/{id}", { params: { path } }));

// A body that may be absent need not be sent.
const closing = await api.POST("/api/v1/portal/tickets/{id}/close", { params: { path } });
const code: Schemas["ErrorCode"] | undefined = closing.error?.code;

const asset = ok(await api.GET("/api/v1/portal/assets")).data[0];
if (asset === undefined) throw new Error("nothing can be borrowed");
const { checkout } = ok(
  await api.POST("/api/v1/portal/assets/{id}/checkout", { params: { path: { id: asset.id } } }),
);
const checkin = ok(
  await api.POST("/api/v1/portal/assets/{id}/checkin", {
    params: { path: { id: asset.id } },
    body: { condition: "Like new", checkinNotes: null },
  }),
);

const changed = ok(await api.PATCH("/api/v1/portal/profile", { body: { locale: "de" } }));
ok(await api.PATCH("/api/v1/portal/profile", { body: { locale: null } }));
ok(await api.PATCH("/api/v1/portal/profile"));
const signedOut = ok(await api.POST("/api/v1/portal/auth/logout"));

// Enums are enums, and what is always there is not optional.
const status: "new" | "open" | "pending" | "on_hold" | "resolved" | "closed" = shown.ticket.status;
const authorType: "portal" | "internal" = comment.authorType;
const osType: "windows" | "macos" | "linux" = asset.osType;
const locale: "en" | "de" | null = changed.user.locale;
const returnAt: string | null = checkout.expectedReturnAt;

// @ts-expect-error: there is no such status
const unknownStatus: Schemas["TicketStatus"] = "done";
// @ts-expect-error: there is no such code
const unknownCode: Schemas["ErrorCode"] = "TICKET_GONE";
// @ts-expect-error: a subject is required
const noSubject: Schemas["CreateTicketRequest"] = { description: "It is on fire." };
// @ts-expect-error: a subject is never null
const nullSubject: Schemas["CreateTicketRequest"] = { subject: null, description: "It is on fire." };
// @ts-expect-error: a comment needs a body
const noBody = () => api.POST("/api/v1/portal/tickets/{id}/comments", { params: { path } });
void [unknownStatus, unknownCode, noSubject, nullSubject, noBody];

console.log(
  JSON.stringify({
    sentence,
    user: user.email,
    found: found.data.map(({ subject, priority }) => [subject, priority]),
    total: found.pagination.total,
    status,
    authorType,
    comments: shown.ticket.comments.map(({ content }) => content),
    code,
    osType,
    returnAt,
    condition: checkin.checkout.condition,
    locale,
    signedOut: signedOut.success,
  }),
);
