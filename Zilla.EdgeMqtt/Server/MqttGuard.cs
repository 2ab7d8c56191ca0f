using Zilla.Config.Bindings;
using Zilla.Edge.Guards;
using Zilla.Edge.Http.Guards;
using Zilla.EdgeMqtt.Packets;

namespace Zilla.EdgeMqtt.Server;

/// <summary>An mqtt server's <c>authorization</c>, compiled: has a guard judge what CONNECT carries (reference §2.11).</summary>
internal sealed class MqttGuard
{
    private readonly ICredentialGuard _guard;
    private readonly CredentialTemplate _template;
    private readonly bool _isUserName;

    /// <exception cref="FormatException">The template holds no credentials.</exception>
    public MqttGuard(ICredentialGuard guard, MqttAuthorization authorization)
    {
        (_guard, _isUserName) = (guard, authorization.Username is not null);
        _template = new CredentialTemplate(_isUserName ? "username" : "password", authorization.Username ?? authorization.Password ?? "");
    }

    /// <summary>Null: there are no credentials, which is for the routes to judge.</summary>
    public async ValueTask<Verdict?> JudgeAsync(ConnectPacket packet, CancellationToken cancellationToken)
    {
        var text = _isUserName ? packet.UserName?.ToString() : packet.Password is { } password ? new MqttString(password).ToString() : null;
        if (string.IsNullOrEmpty(text))
        {
            return null;
        }

        return _template.TryFind(text, out var credentials) ? await _guard.JudgeAsync(credentials, cancellationToken) : Refusal.Malformed;
    }
}
