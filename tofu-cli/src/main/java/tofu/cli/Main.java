package tofu.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.cli.bench.BenchCommand;
import tofu.cli.top.TopCommand;
import tofu.cli.wire.ProxyCommand;
import tofu.cli.wire.ReplayCommand;

/// The program `tofuctl`.
///
/// Each command runs on the main thread. Ctrl-C, or SIGTERM, interrupts it, and the process waits
/// for its end: so that each command closes what it has opened, such as the file of a Unix domain
/// socket, in one way only.
@Command(
        name = "tofuctl",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        description = "Sees, tries and measures tofu from outside.",
        footer = {
            "",
            "An address is tcp|HOST|PORT, tls|HOST|PORT or uds|/ABSOLUTE/PATH; put it into quotes.",
            "",
            "Exit codes: 0 done; 1 the answer is no; 2 bad arguments; 3 cannot connect or listen;",
            "4 a connection broke; 5 a file cannot be read or written; 70 a bug of tofuctl;",
            "130 ended by Ctrl-C, 143 by SIGTERM.",
            "",
            "Examples:",
            "  tofuctl echo 'tcp|127.0.0.1|7099'",
            "  tofuctl ping 'tcp|127.0.0.1|7099'",
            "  source <(tofuctl completion)"
        })
public final class Main implements Callable<Integer> {
    /// How long a command may take to end after Ctrl-C.
    private static final Duration END_WAIT = Duration.ofSeconds(10);

    /// The version of the build.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() throws IOException {
            try (InputStream in = Main.class.getResourceAsStream("version.txt")) {
                if (in == null) {
                    throw new IllegalStateException("no resource version.txt");
                }
                return new String[] {new String(in.readAllBytes(), StandardCharsets.UTF_8).strip()};
            }
        }
    }

    private final Terminal terminal;

    private Main(Terminal terminal) {
        this.terminal = terminal;
    }

    /// Runs a command.
    ///
    /// @param args its name and its arguments
    public static void main(String[] args) {
        Thread main = Thread.currentThread();
        Thread atEnd = new Thread(() -> interrupt(main), "tofuctl-end");
        Runtime.getRuntime().addShutdownHook(atEnd);
        int code = commandLine(Terminal.ofProcess(), args).execute(args);
        if (removed(atEnd)) {
            System.exit(code);
        } // else a signal ends the process, and its exit code says so
    }

    private static void interrupt(Thread main) {
        main.interrupt();
        try {
            main.join(END_WAIT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean removed(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return false; // the process ends already
        }
    }

    /// The command line of all commands; or, if the first argument is one of them, of that one: to
    /// look at the options of all takes longer than the rest of the start.
    static CommandLine commandLine(Terminal terminal, String... args) {
        CommandLine main = new CommandLine(new Main(terminal));
        Map<String, Supplier<Callable<Integer>>> commands = new LinkedHashMap<>();
        commands.put("echo", () -> new EchoCommand(terminal));
        commands.put("cat", () -> new CatCommand(terminal));
        commands.put("ping", () -> new PingCommand(terminal));
        commands.put("bench", () -> new BenchCommand(terminal));
        commands.put("proxy", () -> new ProxyCommand(terminal));
        commands.put("replay", () -> new ReplayCommand(terminal));
        commands.put("top", () -> new TopCommand(terminal));
        if (args.length > 0 && commands.containsKey(args[0])) {
            commands.keySet().retainAll(Set.of(args[0]));
        } else {
            commands.put("completion", () -> new CompletionCommand(terminal));
        }
        commands.forEach((name, command) -> main.addSubcommand(name, command.get()));
        return configured(main, terminal);
    }

    private static CommandLine configured(CommandLine main, Terminal terminal) {
        CommandSpec spec = main.getCommandSpec();
        for (CommandLine command : main.getSubcommands().values()) {
            command.getCommandSpec().versionProvider(spec.versionProvider());
        }
        return main.registerConverter(Duration.class, Quantities::duration)
                .registerConverter(Address.Client.class, Quantities::client)
                .registerConverter(Address.Server.class, Quantities::server)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setUsageHelpWidth(90)
                .setParameterExceptionHandler((e, _) -> misused(terminal, e))
                .setExecutionExceptionHandler((e, line, _) -> failed(terminal, e, line));
    }

    /// Without a command there is nothing to do.
    @Override
    public Integer call() {
        terminal.say("tofuctl: a command is needed; see tofuctl --help");
        return ExitCode.USAGE;
    }

    private static int misused(Terminal terminal, ParameterException e) {
        CommandLine line = e.getCommandLine();
        terminal.say(name(line) + ": " + oneLine(e) + see(line));
        return ExitCode.USAGE;
    }

    private static int failed(Terminal terminal, Exception e, CommandLine line) {
        String message = name(line) + ": " + oneLine(e);
        switch (e) {
            case InterruptedException _ -> {} // by a signal, which has its own exit code
            case TypeConversionException _ -> terminal.say(message + see(line));
            case Failure _, AmpeException _, IOException _ -> terminal.say(message);
            case UncheckedIOException _ -> terminal.err().println(message);
            default -> {
                terminal.err().println(name(line) + ": this is a bug of tofuctl");
                e.printStackTrace(terminal.err());
            }
        }
        terminal.err().flush();
        return switch (e) {
            case InterruptedException _ -> ExitCode.DONE;
            case TypeConversionException _ -> ExitCode.USAGE;
            case Failure failure -> failure.exitCode();
            case AmpeException _ -> ExitCode.BROKEN;
            case IOException _, UncheckedIOException _ -> ExitCode.FILE;
            default -> ExitCode.BUG;
        };
    }

    private static String see(CommandLine line) {
        return "; see " + name(line) + " --help";
    }

    private static String name(CommandLine line) {
        return line.getCommandSpec().qualifiedName();
    }

    private static String oneLine(Exception e) {
        return Escapes.plain(e.getMessage() == null ? e.toString() : e.getMessage());
    }
}
