namespace Zilla.Config.Loading;

/// <summary>Finds what somebody probably meant to write.</summary>
internal static class Suggestion
{
    private const int LongestWord = 64;
    private const int MostCandidates = 1000;

    /// <summary><c>; did you mean 'exit'?</c>, or nothing if no candidate is near.</summary>
    public static string For(string word, IEnumerable<string> candidates)
    {
        if (word.Length > LongestWord)
        {
            return "";
        }

        var nearest = candidates.Take(MostCandidates).Where(candidate => candidate.Length <= LongestWord)
            .Select(candidate => (candidate, Distance: Distance(word, candidate)))
            .Where(pair => pair.Distance <= Tolerance(Math.Min(word.Length, pair.candidate.Length)))
            .OrderBy(pair => pair.Distance)
            .FirstOrDefault();
        return nearest.candidate is null ? "" : $"; did you mean '{nearest.candidate}'?";
    }

    /// <summary>How many letters to add, drop, change or swap with their neighbour (case ignored), over three rolling rows.</summary>
    internal static int Distance(string one, string other)
    {
        Span<int> before = stackalloc int[LongestWord + 1];
        Span<int> above = stackalloc int[LongestWord + 1];
        Span<int> row = stackalloc int[LongestWord + 1];
        for (var column = 0; column <= other.Length; column++)
        {
            above[column] = column;
        }

        for (var line = 1; line <= one.Length; line++)
        {
            row[0] = line;
            for (var column = 1; column <= other.Length; column++)
            {
                var changed = above[column - 1] + (Same(one[line - 1], other[column - 1]) ? 0 : 1);
                row[column] = Math.Min(changed, Math.Min(above[column], row[column - 1]) + 1);
                if (line > 1 && column > 1 && Same(one[line - 1], other[column - 2]) && Same(one[line - 2], other[column - 1]))
                {
                    row[column] = Math.Min(row[column], before[column - 2] + 1);
                }
            }

            above.CopyTo(before);
            row.CopyTo(above);
        }

        return above[other.Length];
    }

    /// <summary>A third of the word may differ, in a word of three letters at least.</summary>
    private static int Tolerance(int length) => length / 3;

    private static bool Same(char one, char other) => char.ToLowerInvariant(one) == char.ToLowerInvariant(other);
}
