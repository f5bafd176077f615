/// A kit for what nearly every application needs, made of [messages][tofu.api.Message] and nothing
/// else.
///
/// A [Dispatcher] receives for all the others: a [Requester] asks and hears, a [Connector] keeps a
/// connection, a [Server] has a [Session] with each of its peers, a [Heartbeat] finds out who is
/// dead, [Topics] and a [WorkQueue] hand out what comes in.
///
/// The peer need not use the kit: what travels is requests, responses and signals.
@NullMarked
package tofu.kit;

import org.jspecify.annotations.NullMarked;
