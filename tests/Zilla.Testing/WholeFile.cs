namespace Zilla.Testing;

/// <summary>Puts a file in its place at once: whoever looks meanwhile finds what was there before, or all of the new, and never a piece.</summary>
public static class WholeFile
{
    public static void Write(string path, string text)
    {
        var beside = $"{path}.{Guid.NewGuid():N}";
        File.WriteAllText(beside, text);
        File.Move(beside, path, overwrite: true);
    }
}
