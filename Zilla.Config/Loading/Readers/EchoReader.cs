using Zilla.Config.Bindings;

namespace Zilla.Config.Loading.Readers;

/// <summary>Reference §2: an echo has neither options nor routes.</summary>
internal static class EchoReader
{
    public static BindingConfig Server(BindingNode node)
    {
        node.Body.NotHere("is not for an echo: nothing comes after it", "exit");
        node.RefuseRoutes("are not for an echo");
        return new EchoBinding { Name = node.Name };
    }
}
