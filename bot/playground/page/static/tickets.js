// How help desks post a customer's message into a channel: each its own way with blocks, attachments and files.

const WORDS = "Hello, please delete all the data you hold about me. Thank you.";
const section = (text) => ({ type: "section", text: { type: "mrkdwn", text } });

export const TICKETS = [
  {
    label: "Like Help Scout",
    help: "an attachment with fields",
    message: {
      attachments: [{
        fallback: "New conversation from Sofia Lindqvist",
        pretext: "New conversation from Sofia Lindqvist",
        title: "#4711 My data",
        text: WORDS,
        fields: [
          { title: "Customer", value: "Sofia Lindqvist <mailto:sofia@example.com|sofia@example.com>", short: true },
          { title: "Assigned to", value: "Anyone", short: true },
          { title: "Status", value: "Active", short: true },
        ],
      }],
    },
  },
  {
    label: "Like Zendesk",
    help: "sections with fields",
    message: {
      text: "New ticket created by Noor Haddad",
      blocks: [
        section("*Ticket:* <https://fernleaf.example/tickets/12|#12 Delete my data>"),
        { type: "section", fields: [
          { type: "mrkdwn", text: "*Requester:*\nNoor Haddad (noor.haddad@example.net)" },
          { type: "mrkdwn", text: "*Priority:*\nNormal" },
        ] },
        section(WORDS),
      ],
    },
  },
  {
    label: "Like Intercom",
    help: "a quotation",
    message: {
      text: "Daniel Costa started a conversation",
      blocks: [
        section("*Daniel Costa* started a conversation"),
        { type: "rich_text", elements: [{ type: "rich_text_quote", elements: [{ type: "text", text: "I want my account deleted, please." }] }] },
        { type: "context", elements: [{ type: "mrkdwn", text: "Email: daniel.costa@example.com" }] },
      ],
    },
  },
  {
    label: "E-mail to Slack",
    help: "the e-mail as a file",
    message: {
      files: [{
        mode: "email", filetype: "email", title: "Delete my data", subject: "Delete my data",
        from: [{ address: "priya.nair@example.org", name: "Priya Nair", original: "Priya Nair <priya.nair@example.org>" }],
        to: [{ address: "support@fernleaf.example", name: "", original: "support@fernleaf.example" }],
        plain_text: WORDS,
      }],
    },
  },
];
