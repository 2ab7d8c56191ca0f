using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Zilla.Config.Schemas;

/// <summary>A <c>.proto</c> file.</summary>
/// <param name="Name">What others import it by: <c>echo.proto</c>.</param>
/// <param name="Text">All of it.</param>
/// <param name="Folder">Where else its imports are looked for; null: nowhere.</param>
internal sealed record ProtoFile(string Name, string Text, string? Folder);

/// <summary>What the compiler says of a file.</summary>
/// <param name="File">Null: of none in particular.</param>
/// <param name="Message">With line and column in the file.</param>
internal sealed record ProtoError(string? File, string Message);

/// <summary>
/// Compiles <c>.proto</c> files with protobuf's own compiler, which lies beside the services that use it, in <c>protoc/</c>. It runs as a process of its own on files of
/// its own, for at most <see cref="Patience"/>.
/// </summary>
internal static partial class ProtoCompiler
{
    /// <summary><c>ETXTBSY</c>, of Linux and of macOS.</summary>
    private const int TextFileBusy = 26;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private static string Home => Path.Combine(AppContext.BaseDirectory, "protoc");

    /// <returns>An encoded <c>google.protobuf.FileDescriptorSet</c> with all imports, each file after those that it imports; empty with errors.</returns>
    public static (byte[] Descriptors, IReadOnlyList<ProtoError> Errors) Compile(IReadOnlyList<ProtoFile> files)
    {
        var program = Path.Combine(Home, RuntimeInformation.IsOSPlatform(OSPlatform.Windows) ? "protoc.exe" : "protoc");
        if (!File.Exists(program))
        {
            return ([], [new(null, "there is no protobuf compiler beside this program")]);
        }

        var folder = Directory.CreateTempSubdirectory("zilla-proto-").FullName;
        try
        {
            foreach (var file in files)
            {
                File.WriteAllText(Path.Combine(folder, file.Name), file.Text);
            }

            var output = Path.Combine(folder, ".descriptors");
            var errors = Run(Executable(program, folder), folder, Arguments(files, output));
            return errors.Count > 0 ? ([], errors) : (File.ReadAllBytes(output), []);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Files of packages may come without leave to be run by anybody but their owner, who in a container is somebody else.</summary>
    private static string Executable(string program, string folder)
    {
        if (RuntimeInformation.IsOSPlatform(OSPlatform.Windows) || (File.GetUnixFileMode(program) & UnixFileMode.OtherExecute) != 0)
        {
            return program;
        }

        var copy = Path.Combine(folder, ".protoc");
        File.Copy(program, copy);
        File.SetUnixFileMode(copy, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return copy;
    }

    private static IEnumerable<string> Arguments(IReadOnlyList<ProtoFile> files, string output) =>
    [
        "--proto_path=.",
        .. files.Select(file => file.Folder).OfType<string>().Distinct().Where(Directory.Exists).Select(path => $"--proto_path={path}"),
        $"--proto_path={Path.Combine(Home, "include")}",
        "--include_imports",
        $"--descriptor_set_out={output}",
        .. files.Select(file => file.Name),
    ];

    private static List<ProtoError> Run(string program, string folder, IEnumerable<string> arguments)
    {
        using var process = Start(new(program, arguments) { WorkingDirectory = folder, RedirectStandardError = true, RedirectStandardInput = true });
        process.StandardInput.Close();
        var told = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Patience))
        {
            process.Kill(entireProcessTree: true);
            return [new(null, string.Create(CultureInfo.InvariantCulture, $"the protobuf compiler took longer than {Patience.TotalSeconds} s"))];
        }

        var errors = told.GetAwaiter().GetResult().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Where(line => !line.Contains("warning:", StringComparison.Ordinal))
            .Select(line => Place().Match(line) is { Success: true } place
                ? new ProtoError(place.Groups["file"].Value, $"line {place.Groups["line"].Value}, column {place.Groups["column"].Value}: {place.Groups["message"].Value}")
                : new ProtoError(null, line))
            .ToList();
        return process.ExitCode == 0 ? [] : errors.Count > 0 ? errors : [new(null, "the protobuf compiler failed without a word")];
    }

    /// <summary>
    /// Starts it, again where the system takes the copy for one that is still being written: a process that another thread of this one was starting meanwhile has the file open
    /// until it runs its own program.
    /// </summary>
    private static Process Start(ProcessStartInfo start)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return Process.Start(start) ?? throw new InvalidOperationException();
            }
            catch (Win32Exception e) when (e.NativeErrorCode == TextFileBusy && Stopwatch.GetElapsedTime(begun) < Patience)
            {
                Thread.Sleep(TimeSpan.FromMilliseconds(5));
            }
        }
    }

    [GeneratedRegex(@"^(?<file>[^:]+):(?<line>\d+):(?<column>\d+): (?<message>.+)$", RegexOptions.CultureInvariant)]
    private static partial Regex Place();
}
