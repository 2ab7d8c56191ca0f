using System.Text.Json;
using Zilla.Config.Watching;

namespace Zilla.Control.Publishing;

/// <summary>The configuration that was put last, as long as it supersedes what the source says.</summary>
/// <param name="Text">As it was put.</param>
/// <param name="At">When.</param>
/// <param name="Source">Name of the source that it supersedes; another source is a change and wins.</param>
/// <param name="SourceDigest">Of the source's text then; null = it could not be read, and counts as unchanged when it can.</param>
internal sealed record PutConfiguration(string Text, DateTimeOffset At, string Source, string? SourceDigest);

/// <summary>Keeps a <see cref="PutConfiguration"/> in <c>Zilla:StateDirectory</c>, readable by its owner alone: it may hold secrets.</summary>
internal sealed class PutFile(ControlOptions options, ILogger<PutFile> logger)
{
    private string? FilePath => options.StateDirectory is { } directory ? Path.Combine(directory, "control.put.json") : null;

    /// <summary>Null if there is none, or none that can be read, which is logged.</summary>
    public PutConfiguration? Read()
    {
        if (FilePath is { } path && File.Exists(path))
        {
            try
            {
                return JsonSerializer.Deserialize<PutConfiguration>(File.ReadAllBytes(path), JsonSerializerOptions.Web) is { Text: not null, Source: not null } put
                    ? put
                    : throw new JsonException("it has no text");
            }
            catch (Exception problem) when (problem is JsonException or IOException or UnauthorizedAccessException)
            {
                ControlLog.PutUnreadable(logger, path, problem.Message);
            }
        }

        return null;
    }

    /// <summary>Null removes it. False if that could not be done; then nothing has changed. Without a state directory there is nothing to do.</summary>
    public bool TryWrite(PutConfiguration? put)
    {
        if (FilePath is not { } path)
        {
            return true;
        }

        try
        {
            if (put is null)
            {
                File.Delete(path);
            }
            else
            {
                StateFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(put, JsonSerializerOptions.Web));
            }

            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            ControlLog.PutNotKept(logger, path, problem.Message);
            return false;
        }
    }
}
