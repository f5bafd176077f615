package tofu.bench.duel;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// The systems that are written in C: compiled here, if there are a compiler and the headers.
///
/// Thread: one. Owns a temporary folder with the programs.
final class CPrograms implements AutoCloseable {
    private static final Set<String> SOCKETS = Set.of("tcp", "uds");
    private static final int PATIENCE_SECONDS = 60;

    private final Path folder = Referee.newFolder();

    /// Compiles a program.
    ///
    /// @param name the name of the source file and of the system
    /// @param libraries what to link it with
    /// @throws IOException if that cannot be done here, with what the compiler said
    Entrant compiled(String name, List<String> libraries) throws IOException, InterruptedException {
        unpack("duel.h");
        Path source = unpack(name + ".c");
        Path program = folder.resolve(name);
        List<String> command = new ArrayList<>(List.of("gcc", "-O2", "-o", program.toString()));
        command.addAll(List.of(source.toString(), "-lpthread"));
        command.addAll(libraries);
        Path said = folder.resolve(name + ".log");
        Process compiler =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(Redirect.to(said.toFile()))
                        .start();
        if (!compiler.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || compiler.exitValue() != 0) {
            compiler.destroyForcibly();
            List<String> lines = Files.readAllLines(said, StandardCharsets.UTF_8);
            throw new IOException(lines.isEmpty() ? "gcc failed" : lines.getFirst());
        }
        return new Entrant(name, SOCKETS, Set.of(), List.of(program.toString()));
    }

    private Path unpack(String name) throws IOException {
        Path file = folder.resolve(name);
        try (InputStream source = CPrograms.class.getResourceAsStream("/c/" + name)) {
            if (source == null) {
                throw new FileNotFoundException("no source " + name);
            }
            Files.write(file, source.readAllBytes());
        }
        return file;
    }

    @Override
    public void close() {
        Referee.delete(folder);
    }
}
