package tofu.bench.duel;

import java.util.ArrayList;
import java.util.List;

/// Servers, and clients that are the same for all: one program in C with up to 5,000 connections,
/// which sends the next message of a connection when one has come back.
final class Clients {
    /// What is measured, if nobody says what.
    static final List<String> SYSTEMS =
            List.of("tofu", "selector", "netty-epoll-app", "netty-epoll-loop");

    static final List<Integer> SIZES = List.of(64, 1_024);

    private Clients() {}

    /// The places of the table.
    ///
    /// @param sizes of messages
    static List<Cell> cells(List<Integer> sizes) {
        List<Cell> cells = new ArrayList<>();
        for (int size : sizes) {
            for (Mode mode : List.of(Mode.CLIENTS_1, Mode.CLIENTS_8, Mode.CLIENTS_64)) {
                for (int connections : List.of(1, 10, 100, 1_000, 5_000)) {
                    cells.add(new Cell(mode, "tcp", size, connections, 0));
                }
            }
        }
        return List.copyOf(cells);
    }
}
