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
            .Where(pair => pair.Distance <= Math.Max(1, Math.Min(word.Length, pair.candidate.Length) / 3))
            .OrderBy(pair => pair.Distance)
            .FirstOrDefault();
        return nearest.candidate is null ? "" : $"; did you mean '{nearest.candidate}'?";
    }

    /// <summary>Levenshtein distance, case ignored, over two rolling rows.</summary>
    internal static int Distance(string one, string other)
    {
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
                var replaced = above[column - 1] + (char.ToLowerInvariant(one[line - 1]) == char.ToLowerInvariant(other[column - 1]) ? 0 : 1);
                row[column] = Math.Min(replaced, Math.Min(above[column], row[column - 1]) + 1);
            }

            row.CopyTo(above);
        }

        return above[other.Length];
    }
}
