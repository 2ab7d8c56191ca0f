using System.Text.Json;
using Zilla.Config.Watching;

namespace Zilla.Control.Publishing;

/// <summary>What Control keeps on disk: enough for revisions never to go backwards, and for an unchanged configuration to keep its revision.</summary>
/// <param name="Epoch">In which revisions count; random, new when this file is lost.</param>
/// <param name="Revision">The last one published.</param>
/// <param name="Digest">Of the plans published under it.</param>
/// <param name="Source">What they were made from.</param>
internal sealed record KeptRevision(string Epoch, long Revision, string Digest, string Source);

internal sealed class RevisionFile(ControlOptions options, ILogger<RevisionFile> logger)
{
    private string? FilePath => options.StateDirectory is { } directory ? Path.Combine(directory, "control.revision.json") : null;

    /// <summary>Revision 0 of a new epoch if there is none, or none that can be read.</summary>
    public KeptRevision Read()
    {
        if (FilePath is { } path && File.Exists(path))
        {
            try
            {
                return JsonSerializer.Deserialize<KeptRevision>(File.ReadAllBytes(path), JsonSerializerOptions.Web) is { Epoch.Length: > 0, Digest: not null, Source: not null } kept
                    ? kept
                    : throw new JsonException("it has no epoch");
            }
            catch (Exception problem) when (problem is JsonException or IOException or UnauthorizedAccessException)
            {
                ControlLog.RevisionUnreadable(logger, path, problem.Message);
            }
        }

        return new KeptRevision(Guid.NewGuid().ToString("N"), 0, "", "");
    }

    /// <summary>False if it could not be kept: then it must not be published either, or the next Control would give the number away again.</summary>
    public bool TryWrite(KeptRevision revision)
    {
        if (FilePath is not { } path)
        {
            return true;
        }

        try
        {
            StateFile.Write(path, JsonSerializer.SerializeToUtf8Bytes(revision, JsonSerializerOptions.Web));
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            ControlLog.RevisionNotKept(logger, path, problem.Message);
            return false;
        }
    }
}
