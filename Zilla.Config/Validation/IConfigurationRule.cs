using Zilla.Config.Loading;

namespace Zilla.Config.Validation;

/// <summary>
/// Something that has to hold for a configuration as a whole. Also runs over configurations in which mistakes were found already: what could
/// not be read is then empty text or an <see cref="Bindings.UnsupportedBinding"/>, and not reported again.
/// </summary>
internal interface IConfigurationRule
{
    void Check(ZillaConfiguration configuration, Findings findings);
}
