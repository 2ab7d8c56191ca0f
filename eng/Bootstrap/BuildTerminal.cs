using System.Globalization;
using System.Text;

namespace Zilla.Bootstrap;

/// <summary>
/// Where the build that runs us writes its own errors. The engine gives us pipes, as do the shells between; so the first ancestor whose standard error
/// differs from ours is the build, and on Linux <c>/proc</c> lets us write there too.
/// </summary>
internal sealed record BuildTerminal(TextWriter Writer, bool IsTerminal)
{
    public static BuildTerminal? Open()
    {
        if (!OperatingSystem.IsLinux())
        {
            return null;
        }

        try
        {
            var ours = ErrorOf("self");
            for (var process = ParentOf("self"); process is not ("0" or "1"); process = ParentOf(process))
            {
                if (ErrorOf(process) is var target && target != ours)
                {
                    return Writable(target) ? new(Write($"/proc/{process}/fd/2"), OnTerminal(target)) : null;
                }
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A process that is not ours, or gone: then the build engine shows what it likes.
        }

        return null;
    }

    // A regular file is written by the build at an offset of its own, which would run over our lines: only streams will do.
    private static bool Writable(string target) => OnTerminal(target) || target.StartsWith("pipe:", StringComparison.Ordinal);

    private static bool OnTerminal(string target) => target.StartsWith("/dev/pts/", StringComparison.Ordinal) || target.StartsWith("/dev/tty", StringComparison.Ordinal);

    private static StreamWriter Write(string path) => new(new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite), new UTF8Encoding(false));

    private static string ErrorOf(string process)
    {
        var target = File.ResolveLinkTarget($"/proc/{process}/fd/2", returnFinalTarget: false)?.FullName ?? "";
        // "pipe:[4711]" is no path, but is resolved as one.
        return Path.GetFileName(target) is var name && name.StartsWith("pipe:", StringComparison.Ordinal) ? name : target;
    }

    private static string ParentOf(string process)
    {
        const string Field = "PPid:";
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith(Field, StringComparison.Ordinal));
        return int.Parse(line.AsSpan(Field.Length), CultureInfo.InvariantCulture).ToString(CultureInfo.InvariantCulture);
    }
}
