/** The colours that people know each thing by. */
export const COLORS = {
  forms: "#a88add",
  messages: "#0cc2aa",
  users: "#fcc100",
  emails: "#f90000",
  hotels: "#9c27b0",
  entries: "#1565c0",
  tickets: "#ff6b35",
};
