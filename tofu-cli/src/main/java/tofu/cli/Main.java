package tofu.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;
import tofu.api.Address;
import tofu.api.AmpeException;
import tofu.cli.bench.BenchCommand;
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
        version = "tofuctl 0.1.0-SNAPSHOT",
        synopsisSubcommandLabel = "COMMAND",
        description = "Sees, tries and measures tofu from outside.",
        footer = {
            "",
            "An address is tcp|HOST|PORT or uds|/ABSOLUTE/PATH; put it into quotes.",
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
        int code = commandLine(Terminal.ofProcess()).execute(args);
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

    private static CommandLine commandLine(Terminal terminal) {
        CommandLine main = new CommandLine(new Main(terminal));
        List<Callable<Integer>> commands =
                List.of(
                        new EchoCommand(terminal),
                        new CatCommand(terminal),
                        new PingCommand(terminal),
                        new BenchCommand(terminal),
                        new ProxyCommand(terminal),
                        new ReplayCommand(terminal),
                        new CompletionCommand(terminal));
        commands.forEach(main::addSubcommand);
        return main.registerConverter(Duration.class, Quantities::duration)
                .registerConverter(Address.Client.class, Quantities::client)
                .registerConverter(Address.Server.class, Quantities::server)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setAbbreviatedOptionsAllowed(false)
                .setUsageHelpWidth(90)
                .setParameterExceptionHandler((e, args) -> misused(terminal, e))
                .setExecutionExceptionHandler((e, line, result) -> failed(terminal, e, line));
    }

    /// Without a command there is nothing to do.
    @Override
    public Integer call() {
        terminal.say("tofuctl: a command is needed; see tofuctl --help");
        return ExitCode.USAGE;
    }

    private static int misused(Terminal terminal, ParameterException e) {
        CommandLine line = e.getCommandLine();
        terminal.say(name(line) + ": " + oneLine(e) + "; see " + name(line) + " --help");
        return ExitCode.USAGE;
    }

    private static int failed(Terminal terminal, Exception e, CommandLine line) throws Exception {
        String message = name(line) + ": " + oneLine(e);
        switch (e) {
            case InterruptedException _ -> {
                return ExitCode.DONE; // by a signal
            }
            case TypeConversionException _ -> {
                terminal.say(message + "; see " + name(line) + " --help");
                return ExitCode.USAGE;
            }
            case Failure failure -> {
                terminal.say(message);
                return failure.exitCode();
            }
            case AmpeException _ -> {
                terminal.say(message);
                return ExitCode.BROKEN;
            }
            case UncheckedIOException _ -> {
                terminal.err().println(message);
                return ExitCode.FILE;
            }
            case IOException _ -> {
                terminal.say(message);
                return ExitCode.FILE;
            }
            default -> {
                terminal.err().println(name(line) + ": this is a bug of tofuctl");
                e.printStackTrace(terminal.err());
                return ExitCode.BUG;
            }
        }
    }

    private static String name(CommandLine line) {
        return line.getCommandSpec().qualifiedName();
    }

    private static String oneLine(Exception e) {
        return Escapes.plain(e.getMessage() == null ? e.toString() : e.getMessage());
    }
}
