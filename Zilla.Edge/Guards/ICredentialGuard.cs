namespace Zilla.Edge.Guards;

/// <summary>A guard that judges what clients send, such as tokens.</summary>
public interface ICredentialGuard
{
    /// <summary>Judges credentials. What is refused has been logged, with the reason and without the credentials.</summary>
    ValueTask<Verdict> JudgeAsync(string credentials, CancellationToken cancellationToken);
}
