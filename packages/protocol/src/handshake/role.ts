/** Which end of the session we are: the one that started it or the one that answers. */
export type HandshakeRole = "client" | "server";
