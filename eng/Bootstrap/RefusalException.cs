namespace Zilla.Bootstrap;

/// <summary>Why the bootstrap cannot go on: each line is complete by itself and says what to do.</summary>
internal sealed class RefusalException(params IReadOnlyList<string> lines) : Exception(string.Join(Environment.NewLine, lines))
{
    public IReadOnlyList<string> Lines { get; } = lines;
}
